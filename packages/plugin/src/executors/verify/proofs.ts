import type { Contract } from '../../contract/contract.ts';
import type { Proof } from '../../contract/report.ts';
import { runEntries, type Endpoint } from '../../contract/run.ts';
import type { Mechanism, Stats } from '../../mechanisms/mechanism.ts';

/** Whether Envoy's statistics show that the extension was at work between two readings of them. */
export function proveLoaded(mechanism: Mechanism, before: Stats, after: Stats): Proof {
  const { loaded, evidence } = mechanism.proveLoaded(before, after);
  return { name: 'loaded', ok: loaded, detail: evidence };
}

/**
 * Whether the contract notices when the extension is not there: sent straight to the upstream, once each, some of its
 * requests must not lead to what it says.
 */
export async function proveDependent(
  { entries }: Contract,
  upstream: Endpoint,
  signal?: AbortSignal,
): Promise<Proof> {
  const once = entries.map((entry) => ({ ...entry, repeat: 1, concurrency: 1, withinMs: undefined }));
  const results = await runEntries(once, upstream, signal);
  const failing = results.filter(({ problems }) => problems.length > 0).length;
  return {
    name: 'able to fail',
    ok: failing > 0,
    detail: failing
      ? `${failing} of ${entries.length} entries do not hold without the extension`
      : 'every entry also holds without the extension, so this contract shows nothing. ' +
        'Say what the extension changes (or pass --invisible, if it changes nothing that can be seen)',
  };
}
