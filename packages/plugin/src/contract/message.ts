/** Header values by lower-case name; several lines of one name in their order. */
export type Headers = ReadonlyMap<string, readonly string[]>;

/** A request as the upstream got it, or a response as the client got it. A part that is undefined is not known. */
export interface Message {
  readonly status?: number;
  readonly method?: string;
  /** Path and query. */
  readonly path?: string;
  readonly headers?: Headers;
  readonly body?: Buffer;
  readonly trailers?: Headers;
}

/** Headers out of the flat list of names and values that Node calls raw headers, with values in UTF-8 made readable. */
export function headersOf(raw: readonly string[]): Headers {
  const headers = new Map<string, string[]>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), readable(raw[index + 1] ?? '')]);
  }
  return headers;
}

/** A header value as Node wants it: each character stands for one byte of the UTF-8 that is sent. */
export const onWire = (value: string): string => Buffer.from(value, 'utf8').toString('latin1');

/** The opposite of `onWire`; a value that is no UTF-8 stays as it is. */
function readable(value: string): string {
  const bytes = Buffer.from(value, 'latin1');
  if (bytes.toString('latin1') !== value) return value;
  const text = bytes.toString('utf8');
  return text.includes('\uFFFD') ? value : text;
}
