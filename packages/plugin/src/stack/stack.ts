import { createServer } from 'node:net';
import { join, relative, sep } from 'node:path';
import { readManifests } from '../gateway/manifests.ts';
import { UserError } from '../lib/errors.ts';
import { mechanismOf } from '../mechanisms/index.ts';
import type { Mechanism, Source, Stats } from '../mechanisms/mechanism.ts';
import { resourceFiles } from './config.ts';
import { startEcho } from './echo.ts';
import { Envoy, isTalkative, type LogMessage } from './envoy.ts';
import type { EnvoyBinary } from './envoy-version.ts';
import { ExtensionProcess } from './extension-process.ts';
import { findEnvoy } from './find-envoy.ts';
import { startGuard, type Guard } from './guard.ts';
import { ModuleStore } from './module-store.ts';
import { original } from './original.ts';
import { planStack, type StackPlan } from './plan.ts';
import { readStats } from './stats.ts';
import type { Echo, Stack, StackOptions } from './types.ts';

/** Where a project keeps the manifests that the stack is made from. */
export const MANIFESTS = join('k8s', 'base');

const DEFAULT_LOG_LEVEL = 'warning';

/** How often a stack looks whether the process that started this one is still there, in milliseconds. */
const PARENT_INTERVAL = 500;

/**
 * Starts the local stack of an extension that has been built: an echo upstream, the extension's process if it has one,
 * and Envoy configured from the project's own policy. Resolves when requests are answered.
 * @throws UserError when something is missing, wrong or does not start; nothing is then left running.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { project, envoyPath, port = 0, log } = options;
  const mechanism = mechanismOf(project.mechanism);
  if (port) await refuseTaken(port);
  const binary = await findEnvoy(envoyPath, log);
  const stack = new LocalStack(
    { ...options, port },
    mechanism,
    binary,
    await startGuard(),
    await startEcho(),
  );
  try {
    await stack.start();
    return stack;
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

class LocalStack implements Stack {
  readonly mechanism: Mechanism;
  readonly envoy: EnvoyBinary;
  readonly echo: Echo;
  readonly failed: Promise<never>;
  url = '';
  readonly #options: StackOptions & { readonly port: number };
  readonly #guard: Guard;
  readonly #proxy: Envoy;
  readonly #process: ExtensionProcess;
  readonly #modules: ModuleStore;
  readonly #socket: string;
  #fail: (error: UserError) => void = () => undefined;
  #sources: readonly Source[] = [];
  #module: string | undefined;
  #parent: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;
  /** Reloads happen one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    options: StackOptions & { readonly port: number },
    mechanism: Mechanism,
    envoy: EnvoyBinary,
    guard: Guard,
    echo: Echo,
  ) {
    const { project, logLevel = DEFAULT_LOG_LEVEL, log } = options;
    const { home } = guard;
    this.#options = options;
    this.mechanism = mechanism;
    this.envoy = envoy;
    this.echo = echo;
    this.#guard = guard;
    this.#socket = join(home, 'extension.sock');
    this.#modules = new ModuleStore(home, join(project.root, 'dist', 'plugin.wasm'), project.name);
    this.#proxy = new Envoy({
      binary: envoy,
      home,
      logLevel,
      onLog: (message) => this.#onEnvoyLog(message),
      onStart: guard.watch,
    });
    this.#process = new ExtensionProcess({
      name: project.name,
      path: join(project.root, 'dist', project.name),
      root: project.root,
      home,
      socket: this.#socket,
      onLine: (line) => log(project.name, line),
      onStart: guard.watch,
      onCrash: (error) => this.#onCrash(error),
    });
    this.failed = new Promise<never>((_, reject) => {
      this.#fail = (error) => reject(this.#readable(error));
    });
    // Whoever is interested has a handler of their own.
    this.failed.catch(() => undefined);
  }

  get adminUrl(): string {
    return this.#proxy.adminUrl;
  }

  async start(): Promise<void> {
    try {
      const plan = await this.#plan();
      if (plan.workload) await this.#process.run(plan.workload);
      await this.#proxy.start(this.#files(plan), (error) => {
        if (!this.#stopped) this.#fail(error);
      });
      this.url = `http://127.0.0.1:${await this.#proxy.port()}`;
    } catch (error) {
      throw this.#readable(error);
    }
    const parent = process.ppid;
    this.#parent = setInterval(() => {
      if (process.ppid !== parent) this.#fail(new UserError('The program that started the stack has ended.'));
    }, PARENT_INTERVAL).unref();
  }

  stats(): Promise<Stats> {
    return readStats(this.adminUrl);
  }

  reload(): Promise<boolean> {
    const next = this.#last.then(async () => {
      try {
        const plan = await this.#plan();
        const restarted = plan.workload ? await this.#process.run(plan.workload) : false;
        const applied = await this.#proxy.apply(this.#files(plan));
        if (this.#module !== undefined) this.#modules.keepOnly(this.#module);
        return restarted || applied;
      } catch (error) {
        throw this.#readable(error);
      }
    });
    this.#last = next.catch(() => undefined);
    return next;
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    clearInterval(this.#parent);
    // Envoy first: what it asks for then ends in order.
    await this.#proxy.stop();
    await Promise.all([this.#process.stop(), this.echo.stop()]);
    this.#guard.release();
  }

  async #plan(): Promise<StackPlan> {
    const { project, policy, workspaceRoot } = this.#options;
    const manifests = join(project.root, MANIFESTS);
    const plan = planStack(
      await readManifests(manifests),
      { name: project.name, mechanism: this.mechanism, policy },
      { socket: this.#socket, module: () => (this.#module = this.#modules.current()) },
      relative(workspaceRoot, manifests),
    );
    this.#sources = plan.translations
      .flatMap(({ source }) => source ?? [])
      .map((source) => original(source, project.root));
    return plan;
  }

  #files({ translations }: StackPlan) {
    const { port } = this.#options;
    return resourceFiles({ home: this.#guard.home, port, echoPort: this.echo.port, translations });
  }

  #onCrash(error: UserError): void {
    const { onCrash = 'fail', log } = this.#options;
    if (onCrash === 'fail') this.#fail(error);
    else log('stack', `${this.#located(error.message)}\nIt starts again when something is saved.`);
  }

  #onEnvoyLog({ level, text }: LogMessage): void {
    const { project, log, logLevel = DEFAULT_LOG_LEVEL } = this.#options;
    // A refusal is reported by whoever caused it, and the end of Envoy has been asked for.
    if (this.#stopped || text.includes('config update rejected')) return;
    const own = this.mechanism.ownWords?.(text);
    if (own !== undefined) log(project.name, this.#located(own));
    else if (level !== 'info' || isTalkative(logLevel))
      log('envoy', this.#located(level ? `${level}: ${text}` : text));
  }

  /** In terms of the project's own files, as seen from the workspace. */
  #located(text: string): string {
    const { workspaceRoot } = this.#options;
    return (this.mechanism.locate?.(text, this.#sources) ?? text).replaceAll(workspaceRoot + sep, '');
  }

  #readable(error: unknown): Error {
    return error instanceof UserError ? new UserError(this.#located(error.message)) : (error as Error);
  }
}

/**
 * Envoy says so too, but only in its log, and in its own words.
 * @throws UserError when something listens on the port already
 */
async function refuseTaken(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new UserError(
          error.code === 'EADDRINUSE'
            ? `Port ${port} is taken by another program. Choose another with --port, or leave it out to get a free one.`
            : `Cannot listen on port ${port}: ${error.message}`,
        ),
      ),
    );
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
  });
}
