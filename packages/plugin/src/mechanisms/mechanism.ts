import type { Artifact } from '../languages/language.ts';
import { UserError } from '../lib/errors.ts';
import type { Json, JsonObject } from '../lib/json.ts';

/** Envoy's counters and gauges by their full name (admin `/stats`). */
export type Stats = ReadonlyMap<string, number>;

/** What Envoy's own statistics say about whether the extension ran. */
export interface Proof {
  readonly loaded: boolean;
  /** The numbers behind it, for people: `ext_proc.streams_started 0 → 12`. */
  readonly evidence: string;
}

/** One entry of a policy (`spec.extProc[0]`, …). */
export interface PolicyEntry {
  /** Namespace and name of the policy. */
  readonly policy: { readonly namespace: string; readonly name: string };
  /** Position in the policy's list for this mechanism. */
  readonly index: number;
  /** As the mechanism's schema has it. */
  readonly value: Readonly<Record<string, unknown>>;
  /** `file:line:column` of a field of the entry. */
  at(keys: readonly (string | number)[]): string;
}

/** The parts of Envoy's configuration that one policy entry becomes. */
export interface Translation {
  /** Name of the HTTP filter, which is disabled in the listener and switched on by the route. */
  readonly filter: string;
  /** The filter's `typedConfig`. */
  readonly config: TypedConfig;
  /** The route's `typedPerFilterConfig` for this filter. */
  readonly perRoute: TypedConfig;
  readonly clusters: readonly JsonObject[];
  /** Where the program text in `config` stands in the project, for messages of Envoy about it. */
  readonly source?: Source;
}

/** A protobuf `Any` in JSON. */
export type TypedConfig = JsonObject & { readonly '@type': string };

/** A script in the project. */
export interface Source {
  readonly text: string;
  /** Absolute path of the file. */
  readonly path: string;
  /** Line of the file, counted from 1, on which the script starts. */
  readonly line: number;
}

/**
 * Where the things of the cluster are on this computer. Together with the listener and route of stack/config.ts, this
 * is all in which the local stack differs from what Envoy Gateway sets up:
 * a Service is the unix socket of a process, the Wasm code is the file `dist/plugin.wasm`, ConfigMaps are those of the
 * project's own manifests, and the policy's target is one route that matches every request.
 */
export interface Local {
  /** Path of the unix socket of the process that stands for a Service. */
  service(reference: { name: string; namespace: string; port: number }, at: string): string;
  /** Path of the built Wasm module. */
  module(): string;
  /** Data of a ConfigMap, and the file each key was read from. */
  configMap(reference: { name: string; namespace: string }, at: string): ConfigMapData;
}

export interface ConfigMapData {
  readonly data: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
}

/** One way to extend Envoy. */
export interface Mechanism {
  readonly id: string;
  readonly title: string;
  /** What the mechanism loads. */
  readonly artifact: Artifact;
  /** Field of `EnvoyExtensionPolicy.spec` that lists its entries. */
  readonly field: string;
  /**
   * Position of its filters in the filter chain; an entry's index is added to it.
   * Source: newOrderedHTTPFilter in internal/xds/translator/httpfilters.go of Envoy Gateway.
   */
  readonly order: number;
  /** JSON Schema (draft-07) of one entry; `false` for a field that Envoy Gateway has and the local stack does not. */
  readonly schema: object;
  /**
   * Translates one entry into the Envoy configuration that Envoy Gateway emits for it.
   * @throws UserError naming file, line and field for what is wrong or not supported here.
   */
  translate(entry: PolicyEntry, local: Local): Translation;
  /** The extension's own words in a message of Envoy's log; undefined when the message is Envoy's. */
  ownWords?(message: string): string | undefined;
  /** A message of Envoy with the places in it that mean something in the project's own files. */
  locate?(message: string, sources: readonly Source[]): string;
  /** Whether the extension ran between two readings of Envoy's statistics with traffic in between. */
  proveLoaded(before: Stats, after: Stats): Proof;
}

/** Protobuf's JSON of a message packed into an `Any`. */
export const any = (type: string, fields: Readonly<Record<string, Json | undefined>>): TypedConfig => ({
  '@type': `type.googleapis.com/${type}`,
  ...fields,
});

/** What switches a filter on for a route and leaves its configuration as it is in the listener. */
export const ENABLED = any('envoy.config.route.v3.FilterConfig', { config: {} });

/**
 * Name that Envoy Gateway derives from a policy entry: `envoyextensionpolicy/<namespace>/<policy>/<what>/<index>`.
 * Source: irConfigName and its users in internal/gatewayapi of Envoy Gateway.
 */
export const entryName = ({ policy, index }: PolicyEntry, what: string): string =>
  `envoyextensionpolicy/${policy.namespace}/${policy.name}/${what}/${index}`;

/** What a field is called in messages: `spec.extProc[0].failOpen`. */
export const fieldName = (keys: readonly (string | number)[]): string =>
  keys
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');

/** An error about one field of an entry. */
export const refused = (entry: PolicyEntry, keys: readonly (string | number)[], reason: string): UserError =>
  new UserError(`${entry.at(keys)}: ${fieldName(keys)}: ${reason}`);

/** Sum, over the statistics whose name matches, of what was added to them; and the total after. */
export function growth(before: Stats, after: Stats, name: RegExp): { grown: number; total: number } {
  let grown = 0;
  let total = 0;
  for (const [stat, value] of after) {
    if (!name.test(stat)) continue;
    total += value;
    grown += value - (before.get(stat) ?? 0);
  }
  return { grown, total };
}
