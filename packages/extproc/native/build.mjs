/**
 * Builds the native core into native/dist: `node native/build.mjs [--target=<triple>] [--debug]`.
 * Without a target it builds for this machine; for another one cargo needs that target and its linker.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { NapiCli } from '@napi-rs/cli';

const { values } = parseArgs({ options: { target: { type: 'string' }, debug: { type: 'boolean' } } });
const native = import.meta.dirname;

const { task } = await new NapiCli().build({
  cwd: join(native, '..'),
  manifestPath: join(native, 'Cargo.toml'),
  packageJsonPath: join(native, '..', 'package.json'),
  targetDir: join(native, 'dist', 'target'),
  outputDir: join(native, 'dist'),
  platform: true,
  release: !values.debug,
  noJsBinding: true,
  dts: join('..', 'dist', 'extproc.d.ts'),
  ...(values.target ? { target: values.target, crossCompile: values.target.includes('musl') } : {}),
});
for (const { kind, path } of await task) console.log(`${kind} ${path}`);
