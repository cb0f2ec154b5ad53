import { resolve } from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { parseDuration } from '../../contract/units.ts';

/** Options of the executor; see schema.json. */
export interface VerifyOptions {
  readonly contract?: string;
  /** Nx reads a number where it can. */
  readonly only?: string | number;
  readonly timeout?: string;
  readonly junit?: string;
  readonly json?: string;
  readonly invisible?: boolean;
  readonly envoy?: string;
  readonly policy?: string;
  readonly url?: string;
  readonly header?: string | readonly string[];
  readonly admin?: string;
}

/** Where things are. */
export interface VerifyContext {
  /** Absolute path of the workspace. */
  readonly workspaceRoot: string;
  /** Project root relative to the workspace. */
  readonly projectRoot: string;
}

/** What `verify` does. Paths are absolute. */
export interface VerifyPlan {
  readonly contract: string;
  readonly only: string | undefined;
  readonly timeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly invisible: boolean;
  readonly junit: string | undefined;
  /** `-` for standard output. */
  readonly json: string | undefined;
  readonly where: LocalPlan | GatewayPlan;
}

/** On a stack that is started for it. */
export interface LocalPlan {
  readonly kind: 'local';
  readonly envoyPath: string | undefined;
  readonly policy: string | undefined;
}

/** On a gateway that runs already. */
export interface GatewayPlan {
  readonly kind: 'gateway';
  readonly origin: string;
  readonly admin: string | undefined;
}

/** @throws UserError naming the option that is wrong, and what it takes. */
export function planVerify(
  options: VerifyOptions,
  { workspaceRoot, projectRoot }: VerifyContext,
): VerifyPlan {
  const {
    contract = 'contract.yaml',
    only,
    timeout = '10s',
    junit,
    json,
    invisible = false,
    header = [],
  } = options;
  const timeoutMs = parseDuration(timeout);
  if (!timeoutMs || timeoutMs > 3_600_000)
    throw new UserError(
      `--timeout=${timeout}: must be a whole number and a unit (ms, s, m or h), from 1ms to 1h.`,
    );
  return {
    contract: resolve(workspaceRoot, projectRoot, contract),
    only: only === undefined ? undefined : String(only),
    timeoutMs,
    headers: Object.fromEntries([header].flat().map(parseHeader)),
    invisible,
    junit: junit === undefined ? undefined : resolve(workspaceRoot, junit),
    json: json === undefined || json === '-' ? json : resolve(workspaceRoot, json),
    where: planWhere(options, workspaceRoot),
  };
}

function planWhere(
  { url, admin, envoy, policy }: VerifyOptions,
  workspaceRoot: string,
): LocalPlan | GatewayPlan {
  if (url === undefined) {
    if (admin !== undefined) throw new UserError('--admin belongs to --url; the local stack has its own.');
    return {
      kind: 'local',
      envoyPath: envoy === undefined ? undefined : resolve(workspaceRoot, envoy),
      policy,
    };
  }
  if (envoy !== undefined || policy !== undefined)
    throw new UserError(
      `--${envoy === undefined ? 'policy' : 'envoy'} is for the local stack; leave it out with --url.`,
    );
  return {
    kind: 'gateway',
    origin: originOf('url', url),
    admin: admin === undefined ? admin : originOf('admin', admin),
  };
}

function originOf(option: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || !url.hostname)
    throw new UserError(`--${option}=${text}: must be a URL such as http://127.0.0.1:8080.`);
  if (url.pathname !== '/' || url.search || url.hash || url.username)
    throw new UserError(
      `--${option}=${text}: give only scheme, host and port; the contract says which paths to ask for.`,
    );
  return url.origin;
}

function parseHeader(text: string): [name: string, value: string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*([^\r\n\0]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new UserError(
      `--header=${JSON.stringify(text)}: must be a name, a colon and a value, such as “Host: www.example.com”.`,
    );
  return [name, value.trimEnd()];
}
