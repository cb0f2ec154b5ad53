import { runExecutor, type ExecutorContext } from '@nx/devkit';
import { realpathSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { readExtension } from '../../engine/extension.ts';
import { messageOf, UserError } from '../../lib/errors.ts';
import { startStack } from '../../stack/stack.ts';
import type { Log, Stack } from '../../stack/types.ts';
import { needsBuild, planServe, type ServeOptions, type ServePlan } from './plan.ts';
import { greeting, logger } from './print.ts';
import { watchDirectories, type Watcher } from './watch.ts';

type Results = AsyncGenerator<{ success: boolean; baseUrl?: string }>;

/** Runs the extension on a real Envoy until it is interrupted, and loads again what is saved. */
export default async function* serve(options: ServeOptions, context: ExecutorContext): Results {
  try {
    yield* serveUntilInterrupted(options, context);
  } catch (error) {
    console.error(`\n${messageOf(error)}\n`);
    // Nx reports a continuous target that ends by itself as a success, unless it ends as a signal would end it.
    process.exit(143);
  }
}

async function* serveUntilInterrupted(options: ServeOptions, context: ExecutorContext): Results {
  const workspaceRoot = realpathSync(context.root);
  const project = context.projectsConfigurations.projects[context.projectName ?? ''];
  const build = project?.targets?.['build'];
  const plan = planServe(options, { workspaceRoot, projectRoot: project?.root ?? '', build });
  const extension = readExtension(plan.root);
  const log = logger(extension.name);
  const interrupted = interruption();

  const { port, envoyPath, policy, logLevel, watched } = plan;
  const watcher = watchDirectories(watched);
  const stack = await Promise.race([
    startStack({
      ...{ project: extension, workspaceRoot, port, envoyPath, policy, logLevel, log },
      onCrash: watched.length ? 'wait' : 'fail',
    }),
    // Exiting stops what has been started so far.
    interrupted.then(() => process.exit(130)),
  ]);
  try {
    console.log(greeting(extension.name, plan.root, stack, watched.length > 0));
    yield { success: true, baseUrl: stack.url };
    await Promise.race([reloadOnSave(watcher, stack, plan, context, log), stack.failed, interrupted]);
    yield { success: true };
  } finally {
    watcher.close();
    await stack.stop();
  }
}

async function reloadOnSave(
  watcher: Watcher,
  stack: Stack,
  plan: ServePlan,
  context: ExecutorContext,
  log: Log,
): Promise<never> {
  let failed = false;
  for (;;) {
    const changed = await watcher.next();
    const saved = performance.now();
    const builds =
      plan.builds && changed.some((path) => needsBuild(relative(plan.root, path).replaceAll(sep, '/')));
    try {
      if (builds && !(await buildAgain(context))) throw new UserError('The build failed; see above.');
      const reloaded = await stack.reload();
      if (reloaded || failed) log('stack', `live in ${Math.round(performance.now() - saved)} ms`);
      failed = false;
    } catch (error) {
      log('stack', `${messageOf(error)}\nNot loaded: the version before goes on serving.`);
      failed = true;
    }
  }
}

/** Runs the project's own target `build`, with whatever the user has changed in it. */
async function buildAgain(context: ExecutorContext): Promise<boolean> {
  const { projectName = '' } = context;
  for await (const { success } of await runExecutor({ project: projectName, target: 'build' }, {}, context))
    return success;
  return false;
}

/** Resolves when the user or Nx ends the run. */
function interruption(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}
