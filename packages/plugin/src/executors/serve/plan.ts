import type { TargetConfiguration } from '@nx/devkit';
import { join, resolve } from 'node:path';
import { UserError } from '../../lib/errors.ts';
import type { LogLevel } from '../../stack/types.ts';

/** Options of the executor; see schema.json. */
export interface ServeOptions {
  readonly port?: number;
  readonly envoy?: string;
  readonly policy?: string;
  readonly watch?: boolean;
  readonly logLevel?: LogLevel;
}

/** Where things are. */
export interface ServeContext {
  /** Absolute path of the workspace. */
  readonly workspaceRoot: string;
  /** Project root relative to the workspace. */
  readonly projectRoot: string;
  /** The project's target `build`, where it has one. */
  readonly build: TargetConfiguration | undefined;
}

/** What `serve` does. Paths are absolute. */
export interface ServePlan {
  readonly root: string;
  readonly port: number | undefined;
  readonly envoyPath: string | undefined;
  readonly policy: string | undefined;
  readonly logLevel: LogLevel | undefined;
  /** Directories to watch: the project, and what its build reads elsewhere in the workspace. Empty: nothing is watched. */
  readonly watched: readonly string[];
  readonly builds: boolean;
}

/** @throws UserError naming the option that is wrong, and what it takes. */
export function planServe(options: ServeOptions, context: ServeContext): ServePlan {
  const { port, envoy, policy, watch = true, logLevel } = options;
  const { workspaceRoot, projectRoot, build } = context;
  if (port !== undefined && (!Number.isInteger(port) || port < 1 || port > 65_535))
    throw new UserError(
      `--port=${port}: must be a whole number from 1 to 65535, or left out for a free port.`,
    );
  const root = join(workspaceRoot, projectRoot);
  return {
    root,
    port,
    envoyPath: envoy === undefined ? undefined : resolve(workspaceRoot, envoy),
    policy,
    logLevel,
    watched: watch ? [root, ...elsewhere(build, workspaceRoot)] : [],
    builds: build !== undefined,
  };
}

/** The inputs of `build` that are whole directories of the workspace. */
function elsewhere(build: TargetConfiguration | undefined, workspaceRoot: string): string[] {
  return (build?.inputs ?? []).flatMap((input) => {
    const [, directory] =
      (typeof input === 'string' && /^\{workspaceRoot\}\/([^*{}!]+)\/\*\*\/\*$/.exec(input)) || [];
    return directory === undefined ? [] : join(workspaceRoot, directory);
  });
}

// What compilers and editors write, and what has no part in what is served.
const IGNORED = /(^|\/)(dist|target|node_modules|tmp|\.[^/]+|4913)(\/|$)|(~|\.swp|\.tmp)$/;

/** Whether a change of this path (relative to a watched directory, `/`-separated) is none of serve's business. */
export const isIgnored = (path: string): boolean => IGNORED.test(path);

/** Whether a change of this path (relative to the project) can change what `build` makes. */
export const needsBuild = (path: string): boolean => !/^k8s\/|(^|\/)contract\.yaml$|\.md$/.test(path);
