import { VERIFY_ID, type Seen } from './types.ts';

/** The latest requests that carry an id; the oldest are forgotten. */
export class SeenRequests {
  readonly #requests = new Map<string, Seen>();
  readonly #limit: number;
  readonly #byteLimit: number;
  #bytes = 0;

  /**
   * @param limit how many requests are remembered
   * @param byteLimit how much their bodies may take together, in characters; a single one may take more
   */
  constructor(limit = 10_000, byteLimit = 256 * 1024 * 1024) {
    this.#limit = limit;
    this.#byteLimit = byteLimit;
  }

  get(id: string): Seen | undefined {
    return this.#requests.get(id);
  }

  add(request: Seen): void {
    const id = request.headers[VERIFY_ID];
    if (id === undefined) return;
    this.#forget(id);
    this.#requests.set(id, request);
    this.#bytes += sizeOf(request);
    for (const oldest of this.#requests.keys()) {
      if ((this.#requests.size <= this.#limit && this.#bytes <= this.#byteLimit) || oldest === id) break;
      this.#forget(oldest);
    }
  }

  #forget(id: string): void {
    const request = this.#requests.get(id);
    if (!request) return;
    this.#requests.delete(id);
    this.#bytes -= sizeOf(request);
  }
}

const sizeOf = ({ body, bodyBase64 }: Seen): number => (body ?? bodyBase64 ?? '').length;
