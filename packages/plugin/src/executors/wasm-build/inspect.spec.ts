import { inspectModule } from './inspect.ts';
import { moduleBytes, type ModuleParts } from './testing/module-bytes.ts';
import { report } from './report.ts';

const good = {
  imports: ['env.proxy_log', 'wasi_snapshot_preview1.fd_write'],
  exports: ['proxy_abi_version_0_2_1', 'proxy_on_memory_allocate', 'proxy_on_request_headers'],
};
const inspect = (parts: ModuleParts) => inspectModule(moduleBytes({ ...good, ...parts }));

it('finds what Envoy will call and what it has to provide', () => {
  const inspection = inspect({});
  expect(inspection).toMatchObject({
    abi: '0.2.1',
    callbacks: ['proxy_on_memory_allocate', 'proxy_on_request_headers'],
    imports: ['env.proxy_log', 'wasi_snapshot_preview1.fd_write'],
    problems: [],
  });
  expect(inspection.gzipped).toBeLessThan(inspection.size);
});

it.each<[string, ModuleParts, RegExp]>([
  ['no ABI version', { exports: ['malloc'] }, /exports no proxy_abi_version/],
  [
    'another ABI version',
    { exports: ['proxy_abi_version_0_1_0', 'malloc'] },
    /ABI 0\.1\.0, and 0\.2 is needed/,
  ],
  ['no memory', { memory: false }, /exports no memory/],
  ['no allocator', { exports: ['proxy_abi_version_0_2_0'] }, /neither malloc nor/],
  ['an unknown function', { imports: ['env.clock'] }, /imports the function env\.clock/],
  ['a module Envoy lacks', { imports: ['wasi_http.send'] }, /imports the function wasi_http\.send/],
])('refuses a module with %s', (_, parts, problem) => {
  const { problems } = inspect(parts);
  expect(problems).toEqual([expect.stringMatching(problem)]);
});

it('refuses what is not WebAssembly', () =>
  expect(inspectModule(Buffer.from('#!/bin/sh')).problems).toEqual([
    expect.stringMatching(/not a valid WebAssembly module: .*magic/),
  ]));

it('is reported as a table', () => {
  const callbacks = Array.from({ length: 20 }, (_, index) => `proxy_on_callback_${index}`);
  const lines = report('dist/plugin.wasm', inspect({ exports: [...good.exports, ...callbacks] })).split('\n');
  expect(lines[0]).toBe('dist/plugin.wasm');
  expect(lines[1]).toMatch(/^ {2}size +0\.\d KiB \(0\.\d KiB gzipped\)$/);
  expect(lines.slice(-2)).toEqual(['  calls proxy_ log', '  calls WASI   fd_write']);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(120);
});
