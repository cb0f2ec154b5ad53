import { renameSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../lib/errors.ts';
import { start, stop, type ChildProcess } from '../lib/exec.ts';
import { isServing } from './grpc-health.ts';
import { onLine, Tail } from './lines.ts';
import type { Workload } from './workload.ts';

/** How long the program may take to serve, in milliseconds. */
const PATIENCE = 10_000;

/** How long a replaced program may take to finish its streams, in milliseconds; its own limit is 20 s by default. */
const DRAIN = 25_000;

/**
 * After this time Envoy sends nothing more to a replaced program, in milliseconds, although it may have streams to finish.
 * Without any, it ends within a few.
 */
const SETTLED = 250;

export interface ExtensionProcessOptions {
  readonly name: string;
  /** Absolute path of the built program. */
  readonly path: string;
  /** The project, which is also its working directory. */
  readonly root: string;
  readonly home: string;
  /** The path that Envoy knows: a link to the socket of the current process. */
  readonly socket: string;
  readonly onLine: (line: string) => void;
  readonly onStart: (child: ChildProcess) => void;
  /** Called when the program ends although nobody asked it to. */
  readonly onCrash: (error: UserError) => void;
}

/** The extension as a process of its own, which can be replaced while Envoy uses it. */
export class ExtensionProcess {
  readonly #options: ExtensionProcessOptions;
  #child: ChildProcess | undefined;
  #fingerprint = '';
  #generation = 0;
  readonly #stopping = new Set<ChildProcess>();

  constructor(options: ExtensionProcessOptions) {
    this.#options = options;
  }

  /**
   * Makes the process be that of this workload and of the program as it is now. Resolves to false when it is already.
   *
   * A new process listens on a socket of its own. When it serves, the link that Envoy knows is made to point there, so
   * that every new connection reaches it; the old process is then asked to end, which it tells Envoy with a GOAWAY.
   * @throws UserError when the program is not there or does not serve; the old process then goes on.
   */
  async run(workload: Workload): Promise<boolean> {
    const fingerprint = this.#fingerprintOf(workload);
    if (this.#child && fingerprint === this.#fingerprint) return false;
    const old = this.#child;
    const oldSocket = this.#socketOf(this.#generation);
    const socket = this.#socketOf(++this.#generation);
    const child = await this.#start(workload, socket);
    this.#pointTo(socket);
    this.#child = child;
    this.#fingerprint = fingerprint;
    if (old) await Promise.race([this.#retire(old, oldSocket), sleep(SETTLED)]);
    return true;
  }

  async stop(): Promise<void> {
    if (this.#child) this.#stopping.add(this.#child);
    await Promise.all([...this.#stopping].map((child) => stop(child, 2000)));
  }

  #fingerprintOf({ args, env }: Workload): string {
    const { name, path } = this.#options;
    try {
      const { mtimeMs, size, ino } = statSync(path);
      return JSON.stringify([mtimeMs, size, ino, args, env]);
    } catch {
      throw new UserError(`${path} does not exist. Build it first: nx build ${name}`);
    }
  }

  async #start({ args, env }: Workload, socket: string): Promise<ChildProcess> {
    const { name, path, root } = this.#options;
    const child = await start({ command: path, args, cwd: root, env: { ...env, LISTEN: `unix:${socket}` } }, [
      'ignore',
      'pipe',
      'pipe',
    ]);
    this.#options.onStart(child);
    const tail = new Tail();
    const line = (text: string) => {
      tail.push(text);
      this.#options.onLine(text);
    };
    onLine(child.stdout, line);
    onLine(child.stderr, line);
    let ended: UserError | undefined;
    child.once('close', (code, signal) => {
      ended = new UserError(`${name} ended (${signal ?? `exit code ${code ?? 0}`})${tail.toString()}`);
      if (this.#child !== child || this.#stopping.has(child)) return;
      this.#child = undefined;
      this.#options.onCrash(ended);
    });
    const end = Date.now() + PATIENCE;
    while (!(await isServing(socket))) {
      if (ended) throw ended;
      if (Date.now() > end) {
        void this.#end(child, 0);
        throw new UserError(
          `${name} does not serve gRPC on LISTEN=unix:${socket} after ${PATIENCE / 1000} s${tail.toString()}`,
        );
      }
      await sleep(5);
    }
    return child;
  }

  #socketOf(generation: number): string {
    return join(this.#options.home, `extension-${generation}.sock`);
  }

  #pointTo(socket: string): void {
    const link = `${socket}.link`;
    symlinkSync(socket, link);
    renameSync(link, this.#options.socket);
  }

  async #retire(child: ChildProcess, socket: string): Promise<void> {
    this.#stopping.add(child);
    // Connections are accepted in turn: once this one is answered, none that Envoy made before is waiting to be lost.
    await isServing(socket, DRAIN);
    await this.#end(child, DRAIN);
  }

  async #end(child: ChildProcess, graceMs: number): Promise<void> {
    this.#stopping.add(child);
    await stop(child, graceMs);
    this.#stopping.delete(child);
  }
}
