import { canonicalJson } from '../lib/json.ts';
import { any, ENABLED, entryName, growth, refused, type Mechanism } from './mechanism.ts';

/** One entry of `spec.wasm`. Source: api/v1alpha1/wasm_types.go of Envoy Gateway. */
interface WasmEntry {
  readonly name?: string;
  readonly rootID?: string;
  readonly code: { readonly type: 'HTTP' | 'Image'; readonly http?: object; readonly image?: object };
  readonly config?: unknown;
  readonly failOpen?: boolean;
  readonly env?: { readonly hostKeys?: readonly string[] };
}

const SHA256 = { type: 'string', pattern: '^[a-f0-9]{64}$' };
const source = (properties: object): object => ({
  type: 'object',
  additionalProperties: false,
  required: ['url'],
  properties: { url: { type: 'string', minLength: 1 }, sha256: SHA256, ...properties },
});
// Credentials and certificates for fetching the code, which here is the file that `build` made.
const FETCH = { type: 'object' };

/** Wasm: a proxy-wasm module that Envoy runs in V8. */
export const wasm: Mechanism = {
  id: 'wasm',
  title: 'Wasm',
  artifact: 'wasm',
  field: 'wasm',
  order: 200,
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['code'],
    properties: {
      name: { type: 'string' },
      rootID: { type: 'string' },
      code: {
        type: 'object',
        additionalProperties: false,
        required: ['type'],
        properties: {
          type: { enum: ['HTTP', 'Image'] },
          http: source({ tls: FETCH }),
          image: source({ tls: FETCH, pullSecretRef: FETCH }),
          pullPolicy: { enum: ['IfNotPresent', 'Always'] },
        },
      },
      config: {},
      failOpen: { type: 'boolean' },
      env: {
        type: 'object',
        additionalProperties: false,
        properties: { hostKeys: { type: 'array', items: { type: 'string' } } },
      },
    },
  },

  translate(entry, local) {
    const { code, name, rootID, config, failOpen, env } = entry.value as unknown as WasmEntry;
    if (
      (code.type === 'HTTP') !== (code.http !== undefined) ||
      (code.type === 'Image') !== (code.image !== undefined)
    )
      throw refused(entry, ['code', 'type'], 'HTTP goes with the field http alone, Image with image alone.');
    const id = entryName(entry, 'wasm');
    const hostEnvKeys = env?.hostKeys ?? [];
    return {
      filter: `envoy.filters.http.wasm/${id}`,
      config: any('envoy.extensions.filters.http.wasm.v3.Wasm', {
        config: {
          name: name ?? id,
          rootId: rootID,
          vmConfig: {
            vmId: id,
            runtime: 'envoy.wasm.runtime.v8',
            code: { local: { filename: local.module() } },
            environmentVariables: hostEnvKeys.length ? { hostEnvKeys } : undefined,
          },
          configuration: any('google.protobuf.StringValue', {
            value: config === undefined ? '' : canonicalJson(config),
          }),
          failOpen: failOpen || undefined,
        },
      }),
      perRoute: ENABLED,
      clusters: [],
    };
  },

  ownWords: (message) => /^wasm log(?: [^\s:]+)*: (.*)$/s.exec(message)?.[1],

  proveLoaded(before, after) {
    const { total } = growth(before, after, /^wasm\.envoy\.wasm\.runtime\.v8\.active$/);
    return {
      loaded: total > 0,
      evidence: `${total} Wasm VMs hold the module (wasm.envoy.wasm.runtime.v8.active)`,
    };
  },
};
