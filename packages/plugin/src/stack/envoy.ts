import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, UserError } from '../lib/errors.ts';
import { start, stop, type ChildProcess } from '../lib/exec.ts';
import type { JsonObject } from '../lib/json.ts';
import { bootstrap, RESOURCES, type ResourceFile } from './config.ts';
import type { EnvoyBinary } from './envoy-version.ts';
import { onLine, Tail } from './lines.ts';
import { askAdmin, readStats } from './stats.ts';

/** How long Envoy may take to start, or to take up a changed file (a large Wasm module is compiled then), in milliseconds. */
const PATIENCE = 30_000;

/** How often Envoy is asked whether it is ready, or has taken up a file, in milliseconds. */
const INTERVAL = 5;

/** How many warnings and errors a refusal is explained by at most. */
const MAX_COMPLAINTS = 20;

/** One message of Envoy's log. */
export interface LogMessage {
  readonly level: string;
  /** Part of Envoy that says it, such as `config`, `lua` or `wasm`. */
  readonly logger: string;
  readonly text: string;
}

export interface EnvoyOptions {
  readonly binary: EnvoyBinary;
  readonly home: string;
  readonly logLevel: string;
  readonly onLog: (message: LogMessage) => void;
  /** Told of the process as soon as it runs. */
  readonly onStart: (child: ChildProcess) => void;
}

/** A running Envoy that takes its configuration from files. */
export class Envoy {
  readonly #options: EnvoyOptions;
  readonly #written = new Map<string, string>();
  /** What Envoy refused last, by directory: it takes no second look at the same. */
  readonly #refused = new Map<string, { readonly text: string; readonly error: UserError }>();
  /** What a later refusal may be explained by: the latest warnings and errors since the last change. */
  #complaints: string[] = [];
  readonly #tail = new Tail();
  #version = 0;
  #child: ChildProcess | undefined;
  #adminUrl = '';
  #died: string | undefined;

  constructor(options: EnvoyOptions) {
    this.#options = options;
  }

  get adminUrl(): string {
    return this.#adminUrl;
  }

  /**
   * Starts Envoy with these files and waits until it serves with all of them.
   * @throws UserError with Envoy's own words when it does not start or refuses one of the files.
   */
  async start(files: readonly ResourceFile[], onExit: (error: UserError) => void): Promise<void> {
    const { binary, home, logLevel } = this.#options;
    for (const file of files) this.#write(file);
    const config = join(home, 'bootstrap.json');
    const admin = join(home, 'admin');
    writeFileSync(config, JSON.stringify(bootstrap(home)));
    const child = await start(
      {
        command: binary.path,
        args: [
          ...['--config-path', config, '--admin-address-path', admin],
          ...['--concurrency', '2', '--disable-hot-restart'],
          // A change of the filter chain itself (not of a filter) drains connections: at once, and not for ten minutes.
          ...['--drain-time-s', '5', '--drain-strategy', 'immediate'],
          ...['--log-format', '[%l][%n] %v', '--log-level', logLevel, ...extensionLevels(logLevel)],
        ],
      },
      ['ignore', 'pipe', 'pipe'],
    );
    this.#child = child;
    this.#options.onStart(child);
    onLine(child.stdout, (line) => this.#onLine(line));
    onLine(child.stderr, (line) => this.#onLine(line));
    child.once('close', (code, signal) => {
      this.#died = `Envoy ended (${signal ?? `exit code ${code ?? 0}`})${this.#tail.toString()}`;
      onExit(new UserError(this.#died));
    });
    await this.#until(async () => {
      this.#adminUrl = `http://${readFileSync(admin, 'utf8')}`;
      return (await askAdmin(this.#adminUrl, '/ready')).startsWith('LIVE');
    }, 'Envoy did not become ready');
    await this.#taken(files, new Map());
  }

  /** Port of the only listener. */
  async port(): Promise<number> {
    const { listener_statuses } = JSON.parse(await askAdmin(this.#adminUrl, '/listeners?format=json')) as {
      listener_statuses?: { local_address?: { socket_address?: { port_value?: number } } }[];
    };
    const port = listener_statuses?.[0]?.local_address?.socket_address?.port_value;
    if (!port) throw new UserError(`Envoy does not listen${this.#tail.toString()}`);
    return port;
  }

  /**
   * Writes the files that differ from what Envoy has and waits until it serves with them. Resolves to false when none does.
   * @throws UserError with the reason when Envoy refuses one: it then goes on with what it had.
   */
  async apply(files: readonly ResourceFile[]): Promise<boolean> {
    const changed = files.filter((file) => this.#written.get(file.directory) !== textOf(file));
    if (!changed.length) return false;
    for (const file of changed) {
      const refused = this.#refused.get(file.directory);
      if (refused?.text === textOf(file)) throw refused.error;
    }
    const before = await this.#counters();
    this.#complaints = [];
    for (const file of changed) this.#write(file);
    await this.#taken(changed, before);
    return true;
  }

  async stop(): Promise<void> {
    if (this.#child) await stop(this.#child);
  }

  #write(file: ResourceFile): void {
    const { directory, resources } = file;
    const path = join(this.#options.home, directory);
    mkdirSync(path, { recursive: true });
    // Appears whole: Envoy reads a file when something is moved onto it.
    const response: JsonObject = { versionInfo: String(++this.#version), resources };
    writeFileSync(join(path, 'next.json'), JSON.stringify(response));
    renameSync(join(path, 'next.json'), join(path, RESOURCES));
    this.#written.set(directory, textOf(file));
    this.#refused.delete(directory);
  }

  /** Waits until Envoy has taken up, or refused, each of the files since `before`. */
  async #taken(files: readonly ResourceFile[], before: ReadonlyMap<string, number>): Promise<void> {
    const counter = (now: ReadonlyMap<string, number>, { stats }: ResourceFile, outcome: string) =>
      (now.get(stats + outcome) ?? 0) - (before.get(stats + outcome) ?? 0);
    let refused: ResourceFile[] = [];
    await this.#until(async () => {
      const now = await this.#counters();
      refused = files.filter(
        (file) => counter(now, file, 'update_rejected') > 0 || counter(now, file, 'update_failure') > 0,
      );
      return refused.length > 0 || files.every((file) => counter(now, file, 'update_success') > 0);
    }, 'Envoy did not take up the new configuration');
    if (!refused.length) return;
    // The log comes through a pipe of its own.
    await sleep(20);
    const error = new UserError(`Envoy refuses the configuration${this.#reason()}`);
    for (const file of refused) {
      this.#written.delete(file.directory);
      this.#refused.set(file.directory, { text: textOf(file), error });
    }
    throw error;
  }

  #reason(): string {
    const reasons = this.#complaints.map((text) => text.replace(/^.*config update rejected: /, ''));
    return reasons.length ? `:\n${[...new Set(reasons)].map((text) => `  ${text}`).join('\n')}` : '.';
  }

  #counters(): Promise<ReadonlyMap<string, number>> {
    return readStats(this.#adminUrl, '\\.update_(success|rejected|failure)$');
  }

  async #until(done: () => Promise<boolean>, otherwise: string): Promise<void> {
    const end = Date.now() + PATIENCE;
    for (;;) {
      if (this.#died !== undefined) throw new UserError(this.#died);
      try {
        if (await done()) return;
      } catch (error) {
        // Not there yet, or just gone: then #died will say why.
        if (Date.now() > end)
          throw new UserError(`${otherwise}: ${messageOf(error)}${this.#tail.toString()}`);
      }
      if (Date.now() > end)
        throw new UserError(`${otherwise} within ${PATIENCE / 1000} s${this.#tail.toString()}`);
      await sleep(INTERVAL);
    }
  }

  #onLine(line: string): void {
    const [, level = '', logger = '', text = line] = /^\[(\w+)\]\[(\w+)\] (.*)$/s.exec(line) ?? [];
    this.#tail.push(text);
    if (['warning', 'error', 'critical'].includes(level))
      this.#complaints = [...this.#complaints.slice(1 - MAX_COMPLAINTS), text];
    this.#options.onLog({ level, logger, text });
  }
}

const textOf = ({ resources }: ResourceFile): string => JSON.stringify(resources);

/** What scripts and modules log as information is shown although Envoy itself is quieter. */
const extensionLevels = (logLevel: string): string[] =>
  isTalkative(logLevel) ? [] : ['--component-log-level', 'lua:info,wasm:info'];

/** Whether Envoy itself logs information at this level. */
export const isTalkative = (logLevel: string): boolean => ['trace', 'debug', 'info'].includes(logLevel);
