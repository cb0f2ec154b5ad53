import type { ExecutorContext } from '@nx/devkit';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import wasmBuild from './executor.ts';

const SOURCE = `
#[unsafe(no_mangle)] pub extern "C" fn proxy_abi_version_0_2_1() {}
#[unsafe(no_mangle)] pub extern "C" fn proxy_on_memory_allocate(_size: usize) -> usize { 0 }
`;
const MANIFEST = `
package = { name = "small", version = "0.1.0", edition = "2024" }
lib = { crate-type = ["cdylib"] }
`;
const path = process.env['PATH'];

let workspace: string;
let printed: jest.SpyInstance;

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'eg wasm-build '));
  write('apps/small/eg-extension.yaml', 'generator: rust-wasm\nversion: "0.1.0"\nname: small\n');
  write('apps/small/Cargo.toml', MANIFEST);
  write('apps/small/src/lib.rs', SOURCE);
  printed = jest.spyOn(console, 'log').mockReturnValue();
});
afterEach(() => {
  process.env['PATH'] = path;
  printed.mockRestore();
  rmSync(workspace, { recursive: true, force: true });
});

function write(file: string, text: string): void {
  mkdirSync(dirname(join(workspace, file)), { recursive: true });
  writeFileSync(join(workspace, file), text);
}

const dist = () => join(workspace, 'apps/small/dist');

function build(root = workspace): Promise<{ success: boolean }> {
  const projects = { small: { root: 'apps/small' } };
  const context = { root, projectName: 'small', projectsConfigurations: { version: 2, projects } };
  return wasmBuild({}, context as unknown as ExecutorContext);
}

it('puts the module into dist and tells what it is', async () => {
  expect(await build()).toEqual({ success: true });
  expect(readdirSync(dist())).toEqual(['plugin.wasm']);
  expect(printed).toHaveBeenCalledWith(
    expect.stringMatching(/^apps\/small\/dist\/plugin\.wasm\n.*ABI +Proxy-Wasm 0\.2\.1/s),
  );
});

it('finds the module of a member of a Cargo workspace, through a symbolic link too', async () => {
  write('Cargo.toml', '[workspace]\nresolver = "3"\nmembers = ["apps/*"]\n');
  const link = `${workspace}-link`;
  symlinkSync(workspace, link);
  try {
    expect(await build(link)).toEqual({ success: true });
  } finally {
    rmSync(link);
  }
  expect(readdirSync(dist())).toEqual(['plugin.wasm']);
});

it('keeps the last module when the code does not compile', async () => {
  await build();
  const before = readFileSync(join(dist(), 'plugin.wasm'));
  write('apps/small/src/lib.rs', 'fn main( {}');
  expect(await build()).toEqual({ success: false });
  expect(readFileSync(join(dist(), 'plugin.wasm'))).toEqual(before);
});

it.each([
  [
    'a crate that is no cdylib',
    'Cargo.toml',
    MANIFEST.replace('cdylib', 'rlib'),
    /crate-type = \["cdylib"\]/,
  ],
  ['a module that is no filter', 'src/lib.rs', '', /Envoy would not load .*\n {2}- it exports no proxy_abi/],
])('refuses %s', async (_, file, text, message) => {
  write(`apps/small/${file}`, text);
  await expect(build()).rejects.toThrow(message);
  expect(existsSync(dist())).toBe(false);
});

it.each([
  ['echo /nowhere', /no standard library for wasm32-wasip1.*\n {2}rustup target add wasm32-wasip1$/s],
  ['echo broken >&2; exit 1', /`rustc --print target-libdir .*` failed:\nbroken$/],
])('explains a toolchain that cannot compile to Wasm: %s', async (script, message) => {
  const rustc = join(workspace, 'bin/rustc');
  write('bin/rustc', `#!/bin/sh\n${script}\n`);
  chmodSync(rustc, 0o755);
  process.env['PATH'] = `${dirname(rustc)}${delimiter}${path}`;
  await expect(build()).rejects.toThrow(message);
});

it('says where to get Rust', async () => {
  process.env['PATH'] = workspace;
  await expect(build()).rejects.toThrow(/`rustc` was not found on PATH.*https:\/\/rustup\.rs/s);
});
