import type { EntryResult, Problem } from './run.ts';
import { curlLine } from './curl.ts';

/** The outcome of `verify`: what it prints, and what `--json` writes (schemas/verify-report.json). */
export interface Report {
  readonly extension: string;
  /** Where the requests went. */
  readonly url: string;
  /** Path and version of the local Envoy; absent for a gateway given by its URL. */
  readonly envoy?: { readonly path: string; readonly version: string };
  /** Whether everything that was checked holds, and something was checked. */
  readonly ok: boolean;
  /** Checks of the run as a whole. */
  readonly proofs: readonly Proof[];
  readonly entries: readonly EntryReport[];
  readonly total: Times & { readonly entries: number; readonly failed: number };
}

/** A check of the run as a whole. */
export interface Proof {
  readonly name: string;
  /** null: it could not be checked. */
  readonly ok: boolean | null;
  readonly detail: string;
}

/** One entry of the contract. */
export interface EntryReport extends Times {
  readonly name: string;
  /** `path:line:column` of the entry. */
  readonly at: string;
  readonly ok: boolean;
  readonly problems: readonly Problem[];
  /** Expectations that could not be compared, with the reason. */
  readonly notChecked: readonly string[];
  /** A shell line that sends the request once. */
  readonly curl: string;
}

export interface Times {
  readonly requests: number;
  /** Median of the answered requests' times in milliseconds; null when none was answered. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** What a run consisted of. */
export interface Outcome {
  readonly extension: string;
  readonly url: string;
  readonly envoy?: Report['envoy'];
  /** Where the curl lines go, if elsewhere: a local stack is gone when they are read. */
  readonly curlUrl?: string;
  /** Headers sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly proofs: readonly Proof[];
  readonly results: readonly EntryResult[];
}

/** Sums up a run. */
export function reportOf({
  extension,
  url,
  curlUrl = url,
  envoy,
  headers,
  proofs,
  results,
}: Outcome): Report {
  const entries = results.map(({ entry, problems, notChecked, requests, times }) => ({
    name: entry.name,
    at: entry.at,
    ok: problems.length === 0 && times.length === entry.repeat,
    problems: problems.length ? problems : unfinished(entry.repeat, times.length),
    notChecked,
    curl: curlLine(entry.request, curlUrl, headers),
    ...timesOf(requests, times),
  }));
  const failed = entries.filter(({ ok }) => !ok).length;
  return {
    extension,
    url,
    ...(envoy && { envoy }),
    ok: entries.length > 0 && failed === 0 && proofs.every(({ ok }) => ok !== false),
    proofs,
    entries,
    total: {
      entries: entries.length,
      failed,
      ...timesOf(
        results.reduce((sum, { requests }) => sum + requests, 0),
        results.flatMap(({ times }) => times),
      ),
    },
  };
}

/** A run that was ended leaves requests without an answer, which nothing else reports. */
const unfinished = (wanted: number, answered: number): Problem[] =>
  answered === wanted
    ? []
    : [
        {
          what: 'answers',
          expected: String(wanted),
          got: `${answered} when the run ended`,
          requests: wanted - answered,
        },
      ];

function timesOf(requests: number, times: readonly number[]): Times {
  const sorted = [...times].sort((a, b) => a - b);
  return { requests, p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
}

/** The smallest value that at least `share` of the values do not exceed. */
function percentile(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  return value === undefined ? null : Math.round(value * 1000) / 1000;
}
