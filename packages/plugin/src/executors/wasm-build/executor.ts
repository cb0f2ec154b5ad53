import type { ExecutorContext } from '@nx/devkit';
import { mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readExtension } from '../../engine/extension.ts';
import { UserError } from '../../lib/errors.ts';
import { run, start, stop } from '../../lib/exec.ts';
import { inspectModule } from './inspect.ts';
import type { WasmBuildOptions, WasmPlan } from './plan.ts';
import { planners } from './plans/index.ts';
import { report } from './report.ts';

/** Where every Wasm extension's module goes, relative to its project. */
const MODULE = 'dist/plugin.wasm';

/** Compiles the extension to `dist/plugin.wasm`, and refuses a module that Envoy would not load. */
export default async function wasmBuild(
  options: WasmBuildOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  const directory = context.projectsConfigurations.projects[context.projectName ?? '']?.root ?? '';
  const root = realpathSync(join(context.root, directory));
  const { language } = readExtension(root);
  const planner = planners[language];
  if (!planner) throw new UserError(`There is no Wasm build for ${language} (${root}).`);

  const plan = planner(root, options);
  await checkToolchain(plan);
  const built = await compile(plan);
  if (!built) return { success: false };

  const bytes = readFileSync(built);
  const inspection = inspectModule(bytes);
  if (inspection.problems.length)
    throw new UserError(
      [`Envoy would not load ${built}:`, ...inspection.problems.map((problem) => `  - ${problem}`)].join(
        '\n',
      ),
    );
  replace(join(root, MODULE), bytes);
  console.log(report(join(directory, MODULE), inspection));
  return { success: true };
}

async function checkToolchain({ ask, missing }: WasmPlan): Promise<void> {
  const { code, stdout, stderr } = await run(ask);
  if (code !== 0) throw new UserError(`\`${ask.command} ${ask.args.join(' ')}\` failed:\n${stderr.trim()}`);
  const reason = missing(stdout);
  if (reason !== undefined) throw new UserError(reason);
}

/** Path of the compiled module; undefined when the compiler refused the code, which it has then explained. */
async function compile(plan: WasmPlan): Promise<string | undefined> {
  const child = await start(plan.compile, ['ignore', 'pipe', 'inherit']);
  // The compiler has a process group of its own, so what ends this process does not reach it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void stop(child));
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) return undefined;
  return plan.module(stdout);
}

/** A reader sees the old module or the new one, never a part. */
function replace(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  const fresh = `${path}.${process.pid}.tmp`;
  writeFileSync(fresh, bytes);
  renameSync(fresh, path);
}
