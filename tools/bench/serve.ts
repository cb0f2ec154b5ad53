import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Extension } from '../../packages/plugin/src/engine/extension.ts';
import type { Stack, StackOptions } from '../../packages/plugin/src/stack/types.ts';
import { builtPlugin } from '../lib/plugin.mjs';
import { run } from '../lib/run.mjs';
import { serving } from '../lib/serving.mjs';
import { median, timed, type Row } from './measure.ts';
import type { BenchWorkspace } from './workspace.ts';

const RELOADS = 200;

interface Subject {
  readonly generator: string;
  /** The file that is edited. */
  readonly source: string;
  /** What `build` makes; none where the source itself is loaded. */
  readonly artifact?: string;
  /** The compiler alone. */
  readonly compile?: {
    readonly command: string;
    readonly args: readonly string[];
    readonly env: Record<string, string>;
  };
}

const subjects: readonly Subject[] = [
  { generator: 'lua-configmap', source: 'lua/filter.lua' },
  {
    generator: 'rust-wasm',
    source: 'src/filter.rs',
    artifact: 'dist/plugin.wasm',
    compile: { command: 'cargo', args: ['build', '--release', '--target', 'wasm32-wasip1'], env: {} },
  },
  {
    generator: 'go-extproc',
    source: 'processor.go',
    artifact: 'dist/serve-go-extproc',
    compile: {
      command: 'go',
      args: ['build', '-trimpath', '-ldflags=-s -w', '-o', 'dist/bare', '.'],
      env: { CGO_ENABLED: '0' },
    },
  },
];

/** Start of the stack, save to live, and reloads under load. Needs `wrk` (apt-get install wrk). */
export async function benchServe(workspace: BenchWorkspace, rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const subject of subjects) {
    const name = `serve-${subject.generator}`;
    await workspace.nx(['g', `@eg/plugin:${subject.generator}`, `ext/${name}`, '--no-interactive']);
    if (subject.artifact) await workspace.nx(['build', name]);
    rows.push(await start(workspace, name, rounds));
    rows.push(await saveToLive(workspace, name, subject, rounds));
    rows.push(await reloads(workspace, name, subject));
  }
  return rows;
}

/** From the call that starts the stack to the first 200; what has to be there anyway is built. */
async function start(workspace: BenchWorkspace, name: string, rounds: number): Promise<Row> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    let stack: Stack | undefined;
    const time = await timed(async () => {
      stack = await startStack(workspace, name);
      await ask(stack.url);
    });
    times.push(time);
    await stack?.stop();
  }
  const ours = median(times);
  return { what: `start to first 200, ${name}`, ours, goal: '≤ 600 ms', met: ours <= 600 };
}

/** From saving the source under `nx serve` to the first answer of the new version. */
async function saveToLive(
  workspace: BenchWorkspace,
  name: string,
  subject: Subject,
  rounds: number,
): Promise<Row> {
  const file = join('ext', name, subject.source);
  const original = workspace.read(file);
  // What is compiled must differ too: with the same result there is nothing to load again.
  const edited = (value: string) =>
    subject.artifact
      ? original.replaceAll('denied by', `denied by ${value}`)
      : original.replaceAll('x-eg-response', `x-eg-${value}`);
  const bare: number[] = [];
  const live: number[] = [];
  const { compile } = subject;
  for (let round = 0; compile && round < rounds; round++) {
    workspace.write(file, edited(`bare-${round}`));
    bare.push(await timed(() => workspace.run(compile.command, compile.args, `ext/${name}`, compile.env)));
  }
  workspace.write(file, original);
  await serving(workspace.handle, name, async (url: string, output: () => string) => {
    for (let round = 0; round < rounds; round++) {
      const before = output().length;
      live.push(
        await timed(async () => {
          workspace.write(file, edited(`live-${round}`));
          if (subject.artifact) await until(() => /live in/.test(output().slice(before)));
          else await until(async () => (await fetch(url)).headers.has(`x-eg-live-${round}`));
        }),
      );
    }
  });
  workspace.write(file, original);
  const ours = median(live);
  const ms = median(bare);
  return compile
    ? {
        what: `save to live, ${name}`,
        ours,
        reference: { what: `${compile.command} alone`, ms },
        goal: '≤ 300 ms over',
        met: ours - ms <= 300,
      }
    : { what: `save to live, ${name}`, ours, goal: '≤ 150 ms', met: ours <= 150 };
}

/** Reloads under load; each swaps two versions of what the stack loads. */
async function reloads(workspace: BenchWorkspace, name: string, { source, artifact }: Subject): Promise<Row> {
  const root = join(workspace.root, 'ext', name);
  const loaded = join(root, artifact ?? source);
  const versions = [`${loaded}.a`, `${loaded}.b`] as const;
  copyFileSync(loaded, versions[0]);
  writeFileSync(versions[1], other(readFileSync(loaded), artifact), { mode: 0o755 });
  const stack = await startStack(workspace, name);
  const times: number[] = [];
  const load = run('wrk', ['-t1', '-c16', '-d60s', stack.url]);
  const ended = new AbortController();
  void load.finally(() => ended.abort());
  await sleep(500);
  for (let count = 0; count < RELOADS && !ended.signal.aborted; count++) {
    copyFileSync(versions[count % 2 === 0 ? 1 : 0], `${loaded}.next`);
    renameSync(`${loaded}.next`, loaded);
    times.push(await timed(() => stack.reload()));
  }
  const summary = await load;
  await stack.stop();
  const failed = /Non-2xx.*|Socket errors.*/.exec(summary)?.[0] ?? 'no request failed';
  const [rate = '?'] = /(?<=Requests\/sec:\s+)[\d.]+/.exec(summary) ?? [];
  return {
    what: `reload, ${name}: ${times.length} under ${Math.round(Number(rate))} requests/s, ${failed}`,
    ours: median(times),
    goal: `${RELOADS} reloads, no failed request`,
    met: times.length === RELOADS && failed === 'no request failed',
  };
}

/** Another version of what is loaded that does the same: bytes that neither Envoy nor the system looks at differ. */
function other(bytes: Buffer, artifact: string | undefined): Buffer {
  if (!artifact) return Buffer.concat([bytes, Buffer.from('\n-- another version\n')]);
  // A Wasm module may end with a custom section (id 0, length 2, a name of length 1); an executable with anything.
  return Buffer.concat([bytes, Buffer.from([0, 2, 1, 0x78])]);
}

async function startStack(workspace: BenchWorkspace, name: string): Promise<Stack> {
  const { startStack } = (await builtPlugin('stack/stack')) as {
    startStack: (options: StackOptions) => Promise<Stack>;
  };
  const { readExtension } = (await builtPlugin('engine/extension')) as {
    readExtension: (root: string) => Extension;
  };
  const project = readExtension(join(workspace.root, 'ext', name));
  return startStack({ project, workspaceRoot: workspace.root, log: () => undefined });
}

async function ask(url: string): Promise<void> {
  const { status } = await fetch(url);
  if (status !== 200) throw new Error(`${url} answered ${status}`);
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('It did not go live within two minutes.');
    await sleep(2);
  }
}
