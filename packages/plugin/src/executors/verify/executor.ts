import type { ExecutorContext } from '@nx/devkit';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Contract, Entry } from '../../contract/contract.ts';
import { junitReport } from '../../contract/junit.ts';
import { readContract } from '../../contract/parse.ts';
import { reportOf, type Report } from '../../contract/report.ts';
import { textReport } from '../../contract/text.ts';
import { readExtension } from '../../engine/extension.ts';
import { UserError } from '../../lib/errors.ts';
import { verifyGateway } from './gateway.ts';
import { verifyLocally, type Run } from './local.ts';
import { planVerify, type VerifyOptions, type VerifyPlan } from './plan.ts';

/** Log lines of Envoy and the extension that are shown when the contract does not hold. */
const LOG_LINES = 20;

/** Proves on a real Envoy that the extension does what its contract says. */
export default async function verify(
  options: VerifyOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  const workspaceRoot = realpathSync(context.root);
  const projectRoot = context.projectsConfigurations.projects[context.projectName ?? '']?.root ?? '';
  const plan = planVerify(options, { workspaceRoot, projectRoot });
  const extension = readExtension(join(workspaceRoot, projectRoot));
  const contract = readContract(plan.contract, relative(workspaceRoot, plan.contract));
  const log: string[] = [];
  const run: Run = {
    extension,
    workspaceRoot,
    contract,
    entries: selected(contract, plan.only),
    plan,
    log: (source, line) => void log.push(`${source}: ${line}`),
    interrupted: interruption(),
  };
  const { where } = plan;
  const report = reportOf(
    where.kind === 'local' ? await verifyLocally(run, where) : await verifyGateway(run, where),
  );
  publish(report, plan);
  if (!report.ok && log.length)
    console.error(['What was logged last:', ...log.slice(-LOG_LINES), ''].join('\n'));
  return { success: report.ok };
}

function selected({ entries, path }: Contract, only: string | undefined): readonly Entry[] {
  if (only === undefined) return entries;
  const found = entries.filter(({ name }) => name.toLowerCase().includes(only.toLowerCase()));
  if (found.length) return found;
  const names = entries.map(({ name }) => `  ${name}`);
  throw new UserError(
    `--only=${only}: no entry of ${path} has this in its name. There are:\n${names.join('\n')}`,
  );
}

function publish(report: Report, { junit, json }: VerifyPlan): void {
  const asJson = `${JSON.stringify(report, null, 2)}\n`;
  if (junit !== undefined) write(junit, junitReport(report));
  if (json !== undefined && json !== '-') write(json, asJson);
  process.stdout.write(json === '-' ? asJson : textReport(report, useColour()));
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/**
 * Nx gives executors a terminal when it has one itself. Its own FORCE_COLOR=true says nothing: it is set wherever the
 * output goes; a number is what people set.
 */
function useColour({ NO_COLOR, FORCE_COLOR } = process.env): boolean {
  if (NO_COLOR || FORCE_COLOR === '0') return false;
  return process.stdout.isTTY || /^[1-3]$/.test(FORCE_COLOR ?? '');
}

/** Rejects when the user or Nx ends the run, so that what was started is stopped in an orderly way. */
function interruption(): Promise<never> {
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => reject(new UserError(`Interrupted by ${signal}.`)));
  });
  interrupted.catch(() => undefined);
  return interrupted;
}
