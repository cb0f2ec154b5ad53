import type { Extension } from '../engine/extension.ts';
import type { Mechanism, Stats } from '../mechanisms/mechanism.ts';

/** What one request was when it reached the upstream, after the extension. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  /** Lower-case names; several headers of one name are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, when it is UTF-8 text. */
  readonly body?: string;
  /** The body otherwise. */
  readonly bodyBase64?: string;
  readonly trailers?: Readonly<Record<string, string>>;
}

/** The request header that lets `Echo.seen` find a request again. */
export const VERIFY_ID = 'x-eg-verify-id';

/** The upstream behind the extension: answers every request with 200 and what it got, as JSON (`Seen`). */
export interface Echo {
  readonly port: number;
  /** The latest request whose `x-eg-verify-id` was `id`; undefined when none came (or more than 10,000 others since). */
  seen(id: string): Seen | undefined;
  stop(): Promise<void>;
}

/** Called for every line to show. `source` is `stack`, `envoy`, or the name of the extension. */
export type Log = (source: string, line: string) => void;

export type LogLevel = 'trace' | 'debug' | 'info' | 'warning' | 'error' | 'critical' | 'off';

export interface StackOptions {
  readonly project: Extension;
  /** Absolute path of the workspace. */
  readonly workspaceRoot: string;
  /** Envoy to use; default: see find-envoy.ts. */
  readonly envoyPath?: string;
  /** Port of the URL on 127.0.0.1; default: a free one. */
  readonly port?: number;
  /** Name of the policy to load; default: the only one in k8s/base, or the one named like the extension. */
  readonly policy?: string;
  /** How much Envoy logs; default `warning`. What the extension itself logs is shown in any case. */
  readonly logLevel?: LogLevel;
  /** What to do when the extension's process crashes: fail the stack (default), or wait for the next `reload`. */
  readonly onCrash?: 'fail' | 'wait';
  readonly log: Log;
}

/** Real Envoy with the extension loaded and an echo upstream behind it, on this computer. */
export interface Stack {
  /** `http://127.0.0.1:<port>`, without a trailing slash. */
  readonly url: string;
  readonly adminUrl: string;
  readonly echo: Echo;
  readonly mechanism: Mechanism;
  /** Path and version of the Envoy that runs. */
  readonly envoy: { readonly path: string; readonly version: string };
  /** Envoy's counters and gauges, now. */
  stats(): Promise<Stats>;
  /**
   * Loads what changed in the manifests and the built artefacts, without dropping a request; resolves when it is live,
   * to whether anything had changed.
   * @throws UserError with the reason when Envoy or the extension refuses it; what ran before goes on serving.
   */
  reload(): Promise<boolean>;
  /** Stops every process and removes every file. Idempotent. */
  stop(): Promise<void>;
  /** Rejects with a UserError when a part of the stack dies; never resolves. */
  readonly failed: Promise<never>;
}
