import type { Outcome, Proof } from '../../contract/report.ts';
import { runEntries } from '../../contract/run.ts';
import { mechanismOf } from '../../mechanisms/index.ts';
import { readStats } from '../../stack/stats.ts';
import type { Run } from './local.ts';
import type { GatewayPlan } from './plan.ts';
import { proveLoaded } from './proofs.ts';

const NO_ADMIN: Proof = {
  name: 'loaded',
  ok: null,
  detail: "not provable without Envoy's statistics; give its admin interface with --admin",
};

/**
 * Runs the entries on a gateway that runs already.
 * @throws UserError when its admin interface does not answer, or the run is interrupted.
 */
export async function verifyGateway(run: Run, { origin, admin }: GatewayPlan): Promise<Outcome> {
  const { extension, plan } = run;
  const { headers, timeoutMs } = plan;
  const before = admin === undefined ? undefined : await readStats(admin);
  const results = await Promise.race([
    runEntries(run.entries, { origin, headers, timeoutMs }),
    run.interrupted,
  ]);
  const loaded =
    admin === undefined || !before
      ? NO_ADMIN
      : proveLoaded(mechanismOf(extension.mechanism), before, await readStats(admin));
  return { extension: extension.name, url: origin, headers, proofs: [loaded], results };
}
