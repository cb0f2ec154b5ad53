import type { Transport } from '../core/core.ts';
import { ExtProcError, GrpcStatus } from '../status.ts';
import { type ProcessingResponse, writeResponse } from '../wire/response.ts';
import { Writer } from '../wire/writer.ts';
import { decodeResponse } from './wire.ts';

/** A transport that keeps the answers, as they look after having been bytes. */
export class MemoryTransport implements Transport {
  readonly #answers: ProcessingResponse[] = [];
  #ended: ExtProcError | undefined;
  #wake: () => void = () => undefined;

  send(response: ProcessingResponse): void {
    const writer = new Writer();
    writeResponse(writer, response);
    this.#answers.push(decodeResponse(writer.take()));
    this.#wake();
  }

  sendAndWait(response: ProcessingResponse): Promise<void> {
    this.send(response);
    return Promise.resolve();
  }

  consumed(): void {
    // Nothing is held back in memory.
  }

  end(status: number, message: string): void {
    this.#ended = new ExtProcError(status, status === GrpcStatus.OK ? 'the stream has ended' : message);
    this.#wake();
  }

  /** The next answer. @throws {ExtProcError} the end of the stream */
  async next(): Promise<ProcessingResponse> {
    for (;;) {
      const answer = this.#answers.shift();
      if (answer) return answer;
      if (this.#ended) throw this.#ended;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
