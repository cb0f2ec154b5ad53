import { fields } from './wire/fields.ts';
import type { Reader } from './wire/reader.ts';

/**
 * The headers or trailers of a message as Envoy has them, pseudo-headers such as `:path` included. Names are in lower
 * case, and looked up without regard to case. Values are read as UTF-8 when they are asked for.
 */
export class HttpHeaders implements Iterable<[name: string, value: string]> {
  /** Nothing follows: there is neither a body nor trailers. */
  readonly endOfStream: boolean;
  readonly #map: Reader | undefined;
  #entries: Entries | undefined;

  /** @param map the `HeaderMap` they are read from; without it there are none */
  constructor(map?: Reader, endOfStream = false) {
    this.#map = map;
    this.endOfStream = endOfStream;
  }

  /** The first value of a header. */
  get(name: string): string | undefined {
    const { buffer, offsets } = this.#parsed();
    const at = find(buffer, offsets, name.toLowerCase(), 0);
    return at < 0 ? undefined : buffer.toString('utf8', offsets[at + 2], offsets[at + 3]);
  }

  /** All values of a header, in order. */
  getAll(name: string): string[] {
    const { buffer, offsets } = this.#parsed();
    const wanted = name.toLowerCase();
    const values: string[] = [];
    for (let at = find(buffer, offsets, wanted, 0); at >= 0; at = find(buffer, offsets, wanted, at + 4))
      values.push(buffer.toString('utf8', offsets[at + 2], offsets[at + 3]));
    return values;
  }

  /** The first value as it is, for values that are not UTF-8. */
  getBytes(name: string): Uint8Array | undefined {
    const { buffer, offsets } = this.#parsed();
    const at = find(buffer, offsets, name.toLowerCase(), 0);
    return at < 0 ? undefined : buffer.subarray(offsets[at + 2], offsets[at + 3]);
  }

  has(name: string): boolean {
    const { buffer, offsets } = this.#parsed();
    return find(buffer, offsets, name.toLowerCase(), 0) >= 0;
  }

  /** Names and values, in order. */
  *[Symbol.iterator](): Generator<[name: string, value: string]> {
    const { buffer, offsets } = this.#parsed();
    for (let at = 0; at < offsets.length; at += 4)
      yield [
        buffer.toString('utf8', offsets[at], offsets[at + 1]),
        buffer.toString('utf8', offsets[at + 2], offsets[at + 3]),
      ];
  }

  /** The first value of each header, for logs. */
  toJSON(): Record<string, string> {
    return Object.fromEntries([...this].reverse());
  }

  #parsed(): Entries {
    return (this.#entries ??= parse(this.#map));
  }
}

/** Start and end of name and value, four numbers for each header. */
interface Entries {
  buffer: Buffer;
  offsets: number[];
}

const none: Entries = { buffer: Buffer.alloc(0), offsets: [] };

function parse(map: Reader | undefined): Entries {
  if (!map) return none;
  const offsets: number[] = [];
  while (map.next()) {
    if (map.field !== fields.HeaderMap.headers) continue;
    const header = map.message;
    let [keyStart, keyStop, valueStart, valueStop] = [0, 0, 0, 0];
    while (header.next()) {
      if (header.field === fields.HeaderValue.key) {
        keyStart = header.start;
        keyStop = header.stop;
      } else if (header.field === fields.HeaderValue.raw_value || header.field === fields.HeaderValue.value) {
        // Envoy fills one of the two, and says which by leaving the other empty.
        if (header.stop === header.start) continue;
        valueStart = header.start;
        valueStop = header.stop;
      }
    }
    offsets.push(keyStart, keyStop, valueStart, valueStop);
  }
  return { buffer: map.buffer, offsets };
}

/** Index in `offsets` of the next header of that name, or -1. */
function find(buffer: Buffer, offsets: number[], name: string, from: number): number {
  next: for (let at = from; at < offsets.length; at += 4) {
    const start = offsets[at] ?? 0;
    if ((offsets[at + 1] ?? 0) - start !== name.length) continue;
    for (let i = 0; i < name.length; i++) if (buffer[start + i] !== name.charCodeAt(i)) continue next;
    return at;
  }
  return -1;
}
