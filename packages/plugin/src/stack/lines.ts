import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Calls `line` for every line of a stream, also the last one without a line feed. */
export function onLine(stream: Readable | null, line: (text: string) => void): void {
  if (stream) createInterface({ input: stream, crlfDelay: Infinity }).on('line', line);
}

/** The latest lines of something that says a lot. */
export class Tail {
  readonly #lines: string[] = [];
  readonly #limit: number;

  constructor(limit = 20) {
    this.#limit = limit;
  }

  push(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > this.#limit) this.#lines.shift();
  }

  /** As the end of a message: `:` and the lines, or nothing. */
  toString(): string {
    return this.#lines.length ? `:\n${this.#lines.map((line) => `  ${line}`).join('\n')}` : '.';
  }
}
