import { UserError } from '../lib/errors.ts';
import { run } from '../lib/exec.ts';

/** An Envoy that can be run. */
export interface EnvoyBinary {
  readonly path: string;
  readonly version: string;
}

/** The oldest Envoy that has every field that Envoy Gateway sets for an extension. */
export const OLDEST_ENVOY = '1.37';

/**
 * Runs `envoy --version`.
 * @throws UserError when it does not run (wrong architecture, missing libraries), is no Envoy, or is too old.
 */
export async function inspectEnvoy(path: string): Promise<EnvoyBinary> {
  const { code, stdout, stderr } = await run({ command: path, args: ['--version'] });
  // `envoy  version: <commit>/1.40.0/Clean/RELEASE/BoringSSL`
  const [, version] = /version: [^/\s]*\/(\d+\.\d+\.\d+)[^/\s]*\//.exec(stdout) ?? [];
  if (version === undefined) {
    const said = (stderr.trim() || stdout.trim()).split('\n').slice(0, 3).join('\n');
    throw new UserError(`${path} does not run as Envoy (exit code ${code})${said ? `:\n${said}` : '.'}`);
  }
  if (isOlder(version, OLDEST_ENVOY))
    throw new UserError(`${path} is Envoy ${version}; the local stack needs ${OLDEST_ENVOY} or later.`);
  return { path, version };
}

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldMajor = 0, oldMinor = 0] = than.split('.').map(Number);
  return major !== oldMajor ? major < oldMajor : minor < oldMinor;
}
