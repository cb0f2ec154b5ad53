/** A deadline that has not passed. */
export interface Deadline {
  readonly at: number;
  readonly passed: () => void;
}

/** Many deadlines of the same length on one timer: setting one costs little, since almost none ever passes. */
export class Deadlines {
  readonly #length: number;
  /** In the order in which they pass, which is that of insertion. */
  readonly #pending = new Set<Deadline>();
  #timer: NodeJS.Timeout | undefined;

  /** @param length in ms */
  constructor(length: number) {
    this.#length = length;
  }

  set(passed: () => void): Deadline {
    const deadline = { at: performance.now() + this.#length, passed };
    this.#pending.add(deadline);
    if (this.#timer === undefined) this.#timer = this.#wait(this.#length);
    return deadline;
  }

  clear(deadline: Deadline | undefined): void {
    if (deadline) this.#pending.delete(deadline);
  }

  #wait(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#check(), ms).unref();
  }

  #check(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const deadline of this.#pending) {
      if (deadline.at > now) {
        this.#timer = this.#wait(Math.ceil(deadline.at - now));
        return;
      }
      this.#pending.delete(deadline);
      deadline.passed();
    }
  }
}
