import type { Contract, Entry } from '../../contract/contract.ts';
import { messageOfSeen } from '../../contract/echo.ts';
import type { Outcome, Proof } from '../../contract/report.ts';
import { runEntries, type EntryResult } from '../../contract/run.ts';
import type { Extension } from '../../engine/extension.ts';
import { messageOf } from '../../lib/errors.ts';
import { startStack } from '../../stack/stack.ts';
import type { Log, Stack } from '../../stack/types.ts';
import type { LocalPlan, VerifyPlan } from './plan.ts';
import { proveDependent, proveLoaded } from './proofs.ts';

export interface Run {
  readonly extension: Extension;
  readonly workspaceRoot: string;
  readonly contract: Contract;
  /** Those of the contract that are to run. */
  readonly entries: readonly Entry[];
  readonly plan: VerifyPlan;
  readonly log: Log;
  /** Rejects when the run is to end early; never resolves. */
  readonly interrupted: Promise<never>;
}

/**
 * Runs the entries on a stack of its own, which is stopped in the end whatever happens.
 * @throws UserError when the stack does not start, or the run is interrupted.
 */
export async function verifyLocally(run: Run, { envoyPath, policy }: LocalPlan): Promise<Outcome> {
  const { extension: project, workspaceRoot, log } = run;
  const stack = await startStack({ project, workspaceRoot, envoyPath, policy, log });
  try {
    const { results, proofs } = await Promise.race([runOn(stack, run), run.interrupted]);
    const { url, envoy } = stack;
    return { extension: project.name, url, envoy, headers: run.plan.headers, proofs, results };
  } finally {
    await stack.stop();
  }
}

async function runOn(stack: Stack, run: Run): Promise<{ results: EntryResult[]; proofs: Proof[] }> {
  const { headers, timeoutMs, invisible } = run.plan;
  const crash = new AbortController();
  const proofs: Proof[] = [];
  stack.failed.catch((error: unknown) => {
    proofs.push({ name: 'no crash', ok: false, detail: messageOf(error) });
    crash.abort();
  });
  const seen = (id: string) => {
    const got = stack.echo.seen(id);
    return got && messageOfSeen(got);
  };
  const endpoint = { headers, timeoutMs, seen };
  const before = await stack.stats();
  const results = await runEntries(run.entries, { ...endpoint, origin: stack.url }, crash.signal);
  if (!crash.signal.aborted) proofs.push(proveLoaded(stack.mechanism, before, await stack.stats()));
  if (!crash.signal.aborted && !invisible)
    proofs.push(
      await proveDependent(run.contract, { ...endpoint, origin: `http://127.0.0.1:${stack.echo.port}` }),
    );
  return { results, proofs };
}
