import { setTimeout as sleep } from 'node:timers/promises';
import type { Contract, Entry } from '../../contract/contract.ts';
import { messageOfSeen } from '../../contract/echo.ts';
import type { Outcome, Proof } from '../../contract/report.ts';
import { runEntries, type EntryResult } from '../../contract/run.ts';
import { SERVE_PORT } from '../../contract/text.ts';
import type { Extension } from '../../engine/extension.ts';
import { messageOf } from '../../lib/errors.ts';
import { startStack } from '../../stack/stack.ts';
import type { Log, Stack } from '../../stack/types.ts';
import type { LocalPlan, VerifyPlan } from './plan.ts';
import { proveDependent, proveLoaded } from './proofs.ts';

/** How long after an unanswered request a crash may become known, in milliseconds. */
const CRASH_NOTICE = 500;

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
  let stopping = false;
  const stack = await startStack({
    project,
    workspaceRoot,
    envoyPath,
    policy,
    // That everything is told to end is no news.
    log: (source, line) => stopping || log(source, line),
  });
  try {
    const { results, proofs } = await Promise.race([runOn(stack, run), run.interrupted]);
    const { url, envoy } = stack;
    const curlUrl = `http://127.0.0.1:${SERVE_PORT}`;
    return { extension: project.name, url, curlUrl, envoy, headers: run.plan.headers, proofs, results };
  } finally {
    stopping = true;
    await stack.stop();
  }
}

async function runOn(stack: Stack, run: Run): Promise<{ results: EntryResult[]; proofs: Proof[] }> {
  const { headers, timeoutMs, invisible } = run.plan;
  const crash = new AbortController();
  const proofs: Proof[] = [];
  const crashed = stack.failed.catch((error: unknown) => {
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
  // The end of a connection may be noticed before the end of the process that held it.
  if (results.some(({ requests, times }) => times.length < requests))
    await Promise.race([crashed, sleep(CRASH_NOTICE)]);
  if (!crash.signal.aborted) proofs.push(proveLoaded(stack.mechanism, before, await stack.stats()));
  if (!crash.signal.aborted && !invisible)
    proofs.push(
      await proveDependent(run.contract, { ...endpoint, origin: `http://127.0.0.1:${stack.echo.port}` }),
    );
  return { results, proofs };
}
