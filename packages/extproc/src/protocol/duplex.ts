import type { StreamItem } from '../processor.ts';

/** The size that a chunk in FULL_DUPLEX_STREAMED should not exceed, says the protocol. */
const maxChunk = 64 << 10;

/** What a duplex body needs of its stream. */
export interface DuplexStream {
  /** Sends a chunk, and resolves when there is room for the next. */
  send(chunk: string | Uint8Array): Promise<void>;
  consumed(bytes: number): void;
  /** Says that the handler is at work (true), or waits for Envoy (false). */
  working(working: boolean): void;
}

/** A body in FULL_DUPLEX_STREAMED mode: what Envoy sends goes to an iterator, what a handler yields goes to Envoy. */
export class Duplex {
  readonly #stream: DuplexStream;
  readonly #queue: { bytes: Uint8Array; size: number }[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  /** The handler has returned: what comes is dropped. */
  #discarding = false;
  #cancelled = false;

  constructor(stream: DuplexStream) {
    this.#stream = stream;
  }

  /** A chunk from Envoy. @param size that it counts against limits */
  push(bytes: Uint8Array, size: number): void {
    if (this.#discarding || bytes.length === 0) {
      this.#stream.consumed(size);
      return;
    }
    this.#queue.push({ bytes, size });
    this.#wake?.();
  }

  /** Nothing follows. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** The exchange is gone: the handler's next read fails. */
  cancel(): void {
    this.#cancelled = true;
    this.#wake?.();
  }

  /**
   * Runs a handler to its end, and waits for the end of what Envoy sends.
   * @returns the answer to the client, where the handler yields one
   */
  async run(handler: (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<StreamItem>) {
    this.#stream.working(true);
    for await (const item of handler(this.#chunks())) {
      if (this.#cancelled) return undefined;
      if (typeof item === 'object' && 'respond' in item) return item;
      this.#stream.working(false);
      await this.#send(item);
      this.#stream.working(true);
    }
    this.#stream.working(false);
    this.#discarding = true;
    for (const { size } of this.#queue.splice(0)) this.#stream.consumed(size);
    while (!this.#ended && !this.#cancelled) await this.#waiting();
    return undefined;
  }

  async #send(item: string | Uint8Array): Promise<void> {
    if (item.length === 0) return;
    for (const chunk of chunksOf(item)) if (!this.#cancelled) await this.#stream.send(chunk);
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
        this.#stream.consumed(next.size);
        yield next.bytes;
      }
      if (this.#cancelled) throw new Error('The exchange has ended.');
      if (this.#ended) return;
      this.#stream.working(false);
      await this.#waiting();
      this.#stream.working(true);
    }
  }

  #waiting(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** Cuts a body into chunks of the size that the protocol allows; an empty body is one empty chunk. */
export function chunksOf(body: string | Uint8Array): Uint8Array[] {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  if (bytes.length <= maxChunk) return [bytes];
  const count = Math.ceil(bytes.length / maxChunk);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * maxChunk, (i + 1) * maxChunk));
}
