import type { Artifact } from '../languages/language.ts';
import type { Json } from '../lib/json.ts';

/** Envoy's counters and gauges by their full name (admin `/stats`). */
export type Stats = ReadonlyMap<string, number>;

/** What Envoy's own statistics say about whether the extension ran. */
export interface Proof {
  readonly loaded: boolean;
  /** The numbers behind it, for people: `ext_proc streams_started 0 → 12`. */
  readonly evidence: string;
}

/** One entry of a policy (`spec.extProc[0]`, …), as Envoy Gateway names and reads it. */
export interface PolicyEntry {
  /** Namespace and name of the policy. */
  readonly policy: { readonly namespace: string; readonly name: string };
  /** Position in the policy's list for this mechanism. */
  readonly index: number;
  readonly value: Record<string, unknown>;
  /** `file:line:column` of a field of the entry. */
  at(keys: readonly (string | number)[]): string;
}

/** The parts of Envoy's configuration that one policy entry becomes. */
export interface Translation {
  /** Name of the HTTP filter, which is disabled in the listener and switched on by the route. */
  readonly filter: string;
  /** The filter's `typedConfig`. */
  readonly config: Json;
  /** The route's `typedPerFilterConfig` for this filter. */
  readonly perRoute: Json;
  readonly clusters: readonly Json[];
}

/** Where the things of the cluster are on this computer: the local transformation. */
export interface Local {
  /** Address of the process that stands for a Service of the project's manifests. */
  service(reference: { name: string; namespace: string; port?: number }, at: string): Json;
  /** Path of the built Wasm module. */
  module(): string;
  /** Data of a ConfigMap of the project's manifests. */
  configMap(reference: { name: string; namespace: string }, at: string): Record<string, string>;
}

/** One way to extend Envoy. */
export interface Mechanism {
  readonly id: string;
  readonly title: string;
  /** What the mechanism loads. */
  readonly artifact: Artifact;
  /** Field of `EnvoyExtensionPolicy.spec` that lists its entries. */
  readonly field: string;
  /** Position of its filters in Envoy Gateway's filter chain; an entry's index is added to it. */
  readonly order: number;
  /** JSON Schema (draft-07) of one entry, as far as the local stack supports it. */
  readonly schema: object;
  /**
   * Translates one entry into the Envoy configuration that Envoy Gateway would emit for it.
   * @throws UserError naming file, line and field for what is wrong or not supported here.
   */
  translate(entry: PolicyEntry, local: Local): Translation;
  /** Whether the extension ran between two readings of Envoy's statistics with traffic in between. */
  proveLoaded(before: Stats, after: Stats): Proof;
}
