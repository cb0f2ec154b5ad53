import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../lib/errors.ts';

/**
 * Copies of a built Wasm module under the hash of their content: Envoy loads a module again when its path changes, and
 * never reads one that a compiler is writing.
 */
export class ModuleStore {
  readonly #directory: string;
  readonly #source: string;
  readonly #name: string;

  /**
   * @param source path of the module that `build` makes
   * @param name of the extension, for messages
   */
  constructor(home: string, source: string, name: string) {
    this.#directory = join(home, 'modules');
    this.#source = source;
    this.#name = name;
  }

  /**
   * Path of a copy of the module as it is now.
   * @throws UserError when it has not been built
   */
  current(): string {
    let bytes: Buffer;
    try {
      bytes = readFileSync(this.#source);
    } catch {
      throw new UserError(`${this.#source} does not exist. Build it first: nx build ${this.#name}`);
    }
    mkdirSync(this.#directory, { recursive: true });
    const path = join(this.#directory, `${createHash('sha256').update(bytes).digest('hex')}.wasm`);
    writeFileSync(path, bytes);
    return path;
  }

  /** Removes every copy but this one. */
  keepOnly(path: string): void {
    for (const name of readdirSync(this.#directory))
      if (join(this.#directory, name) !== path) rmSync(join(this.#directory, name));
  }
}
