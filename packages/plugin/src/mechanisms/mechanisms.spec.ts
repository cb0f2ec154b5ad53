import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { readPolicy } from '../gateway/policy.ts';
import type { Resource } from '../gateway/manifests.ts';
import type { JsonObject } from '../lib/json.ts';
import { parseYaml } from '../lib/yaml.ts';
import { mechanismOf, mechanisms } from './index.ts';
import type { Local, Stats, Translation } from './mechanism.ts';

const local: Local = {
  service: () => '/home/extension.sock',
  module: () => '/home/plugin.wasm',
  configMap: () => ({ data: { lua: 'the script' }, files: { lua: '/ws/lua/filter.lua' } }),
};

/** A policy as a file of a project would have it. */
function policy(spec: unknown): Resource {
  const value = {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'EnvoyExtensionPolicy',
    metadata: { name: 'my-policy' },
    spec,
  };
  const document = parseYaml(stringify(value), 'policy.yaml');
  return {
    ...value,
    name: 'my-policy',
    namespace: 'default',
    value: document.value as object as Record<string, unknown>,
    at: document.at,
  };
}

const translate = (spec: unknown): Translation[] =>
  readPolicy(policy(spec)).entries.map(({ mechanism, entry }) => mechanism.translate(entry, local));

/** Leaves out undefined fields. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

interface Recorded {
  readonly name: string;
  readonly filters: JsonObject[];
  readonly perRoute: JsonObject;
  readonly clusters: JsonObject[];
}

const testing = join(import.meta.dirname, 'testing');
const read = (name: string) => parse(readFileSync(join(testing, name), 'utf8')) as unknown;

describe("what Envoy Gateway's translator emits", () => {
  const recorded = read('translations.json') as Recorded[];

  it.each(read('policies.yaml') as { name: string; spec: unknown }[])('for $name', ({ name, spec }) => {
    const expected = recorded.find((candidate) => candidate.name === name);
    const translations = translate(spec);
    const filters = translations.map(({ filter, config }) => ({
      name: filter,
      disabled: true,
      typedConfig: config,
    }));
    expect(plain(filters)).toEqual(expected?.filters.map(withNumericStatus));
    const perRoute = Object.fromEntries(translations.map(({ filter, perRoute }) => [filter, perRoute]));
    expect(plain(perRoute)).toEqual(expected?.perRoute);
    expect(plain(translations.flatMap(({ clusters }) => clusters).map(discovered))).toEqual(
      expected?.clusters,
    );
  });
});

/** Protobuf's JSON writes `statusOnError.code` by name, and reads a number as well. */
function withNumericStatus(filter: JsonObject): unknown {
  const text = JSON.stringify(filter).replace('"ServiceUnavailable"', '503');
  return JSON.parse(text);
}

/** The local transformation of a cluster, the other way round: endpoints come from Envoy Gateway, not from a socket. */
function discovered({ loadAssignment, ...cluster }: JsonObject): JsonObject {
  expect(loadAssignment).toMatchObject({
    endpoints: [{ lbEndpoints: [{ endpoint: { address: { pipe: { path: '/home/extension.sock' } } } }] }],
  });
  const edsConfig = { ads: {}, resourceApiVersion: 'V3' };
  return { ...cluster, type: 'EDS', edsClusterConfig: { edsConfig, serviceName: cluster['name'] } };
}

// egctl translates no Wasm (it has no cache of modules); source: internal/xds/translator/wasm.go.
describe('a Wasm entry', () => {
  const code = { type: 'Image', image: { url: 'registry.example.com/my-filter:0.1.0' } };

  it('is a plugin with its own VM', () => {
    const [translation] = translate({
      wasm: [
        {
          name: 'mine',
          rootID: 'root',
          code,
          config: { b: 1, a: 'x' },
          failOpen: true,
          env: { hostKeys: ['K'] },
        },
      ],
    });
    expect(plain(translation)).toEqual({
      filter: 'envoy.filters.http.wasm/envoyextensionpolicy/default/my-policy/wasm/0',
      config: {
        '@type': 'type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm',
        config: {
          name: 'mine',
          rootId: 'root',
          failOpen: true,
          configuration: {
            '@type': 'type.googleapis.com/google.protobuf.StringValue',
            value: '{"a":"x","b":1}',
          },
          vmConfig: {
            vmId: 'envoyextensionpolicy/default/my-policy/wasm/0',
            runtime: 'envoy.wasm.runtime.v8',
            code: { local: { filename: '/home/plugin.wasm' } },
            environmentVariables: { hostEnvKeys: ['K'] },
          },
        },
      },
      perRoute: { '@type': 'type.googleapis.com/envoy.config.route.v3.FilterConfig', config: {} },
      clusters: [],
    });
  });

  it('is named by its place when it has no name, and configured with nothing when it has no config', () => {
    const [translation] = translate({ wasm: [{ code }] });
    const config = plain(translation?.config) as { config: unknown };
    expect(config.config).toEqual({
      name: 'envoyextensionpolicy/default/my-policy/wasm/0',
      configuration: { '@type': 'type.googleapis.com/google.protobuf.StringValue', value: '' },
      vmConfig: {
        vmId: 'envoyextensionpolicy/default/my-policy/wasm/0',
        runtime: 'envoy.wasm.runtime.v8',
        code: { local: { filename: '/home/plugin.wasm' } },
      },
    });
  });
});

describe('a Lua entry', () => {
  it('takes the script from a ConfigMap, and knows its file', () => {
    const [translation] = translate({
      lua: [{ type: 'ValueRef', valueRef: { group: '', kind: 'ConfigMap', name: 'a' } }],
    });
    expect(translation?.config).toMatchObject({ defaultSourceCode: { inlineString: 'the script' } });
    expect(translation?.source).toEqual({ text: 'the script', path: '/ws/lua/filter.lua', line: 1 });
  });

  it('knows the lines of an inline script', () => {
    const [translation] = translate({ lua: [{ type: 'Inline', inline: 'one()\ntwo()\n' }] });
    expect(translation?.source).toEqual({ text: 'one()\ntwo()\n', path: 'policy.yaml', line: 9 });
  });
});

describe('what the local stack refuses, with file, line and field', () => {
  const backendRefs = [{ name: 'my-filter', port: 9002 }];
  const image = { type: 'Image', image: { url: 'registry.example.com/a:1' } };

  it.each<[unknown, string]>([
    [
      { extProc: [{ backendRefs, priority: 1 }] },
      'policy.yaml:10:17: spec.extProc[0].priority: there is no such field',
    ],
    [
      { extProc: [{ backendRefs, backendSettings: { retry: {} } }] },
      'backendSettings.retry: Envoy Gateway has this field, but the local stack does not support it.',
    ],
    [
      { extProc: [{ backendRefs: [{ ...backendRefs[0], fallback: true }] }] },
      'backendRefs[0].fallback: Envoy Gateway has this field',
    ],
    [{ extProc: [{}] }, 'spec.extProc[0]: the field backendRefs is missing'],
    [{ extProc: [{ backendRef: {}, backendRefs }] }, 'backendRef: there is no such field'],
    [
      { extProc: [{ backendRefs: [...backendRefs, ...backendRefs] }] },
      'backendRefs[1]: the local stack sends to one backend',
    ],
    [
      { extProc: [{ backendRefs: [{ kind: 'Backend', name: 'a' }] }] },
      'backendRefs[0].kind: the local stack runs what stands behind a Service, not a Backend.',
    ],
    [{ extProc: [{ backendRefs: [{ name: 'a' }] }] }, 'backendRefs[0]: a Service needs its port.'],
    [
      { extProc: [{ backendRefs: [{ name: 'a', port: 1, weight: 0 }] }] },
      'with weight 0 nothing reaches the extension',
    ],
    [{ extProc: [{ backendRefs, messageTimeout: '1.5s' }] }, 'messageTimeout: a duration has'],
    [{ extProc: [{ backendRefs, statusOnError: 200 }] }, 'statusOnError: must be >= 400'],
    [
      { extProc: [{ backendRefs, processingMode: { request: { body: 'Full' } } }] },
      'body: must be one of Streamed, Buffered',
    ],
    [
      { extProc: [{ backendRefs, processingMode: { request: { attributes: ['metadata.x'] } } }] },
      'attributes[0]: Envoy Gateway takes attributes of',
    ],
    [
      {
        extProc: [
          { backendRefs, failOpen: true, processingMode: { response: { body: 'FullDuplexStreamed' } } },
        ],
      },
      'failOpen: must be false with the body mode FullDuplexStreamed',
    ],
    [
      { extProc: [{ backendRefs, shadowMode: true, processingMode: { request: { body: 'Buffered' } } }] },
      'processingMode.request.body: must be Streamed',
    ],
    [
      { extProc: [{ backendRefs, metadata: { writableNamespaces: ['a', 'envoy.filters.http.b'] } }] },
      'writableNamespaces[1]:',
    ],
    [{ dynamicModule: [] }, 'spec.dynamicModule: Envoy Gateway has this field'],
    [{ wasm: [{ code: { type: 'HTTP', image: image.image } }] }, 'code.type: HTTP goes with the field http'],
    [
      { wasm: [{ code: { ...image, pullPolicy: 'Never' } }] },
      'code.pullPolicy: must be one of IfNotPresent, Always',
    ],
    [{ wasm: [{ code: image, priority: 3 }] }, 'spec.wasm[0].priority: there is no such field'],
    [{ lua: [{ type: 'Inline' }] }, 'type: Inline goes with the field inline'],
    [
      { lua: [{ type: 'ValueRef', valueRef: { group: 'apps', kind: 'ConfigMap', name: 'a' } }] },
      'valueRef.group: must be one of , v1',
    ],
    [{ lua: [{ type: 'Inline', inline: '', filterContext: [] }] }, 'filterContext: must be object'],
    [{ lua: {} }, 'spec.lua: must be array'],
    [[], 'spec: must be object'],
    [undefined, 'EnvoyExtensionPolicy: the field spec is missing'],
  ])('%j', (spec, message) => {
    expect(() => translate(spec)).toThrow(message);
    expect(() => translate(spec)).toThrow(/^policy\.yaml:\d+:\d+: /);
  });
});

describe('the proof of loading', () => {
  const stats = (values: Record<string, number>): Stats => new Map(Object.entries(values));

  it.each([
    ['ext_proc', { 'http.http-10080.ext_proc.streams_started': 3 }],
    ['lua', { 'http.http-10080.lua.executions': 3 }],
    ['wasm', { 'wasm.envoy.wasm.runtime.v8.active': 4 }],
  ])('of %s', (id, after) => {
    const mechanism = mechanismOf(id);
    expect(mechanism.proveLoaded(stats({}), stats(after)).loaded).toBe(true);
    expect(mechanism.proveLoaded(stats({}), stats({ 'http.http-10080.downstream_rq_total': 3 })).loaded).toBe(
      false,
    );
  });

  it.each(['ext_proc', 'lua'])('of %s counts only what happened in between', (id) => {
    const now = stats({ 'http.a.ext_proc.streams_started': 3, 'http.a.lua.executions': 3 });
    expect(mechanismOf(id).proveLoaded(now, now).loaded).toBe(false);
  });
});

describe("Envoy's log", () => {
  it.each([
    ['lua', 'script log: hello\nworld', 'hello\nworld'],
    ['lua', 'gRPC config stream closed', undefined],
    ['wasm', 'wasm log envoyextensionpolicy/default/p/wasm/0: hello: you', 'hello: you'],
    ['wasm', 'wasm log mine root envoyextensionpolicy/default/p/wasm/0: hello', 'hello'],
    ['wasm', 'Wasm VM failed Failed to load Wasm code', undefined],
  ])('of %s: the own words of %j', (id, message, own) => {
    expect(mechanismOf(id).ownWords?.(message)).toBe(own);
  });

  it('names lines of the script by its file', () => {
    const sources = [
      { text: 'first()', path: 'a.lua', line: 1 },
      { text: '-- say "hi" [1]\nsecond()', path: 'policy.yaml', line: 12 },
    ];
    const located = mechanismOf('lua').locate?.(
      '[string "-- say "hi" [1]..."]:3: bad; [string "first()"]:1: x',
      sources,
    );
    expect(located).toBe('policy.yaml:14: bad; a.lua:1: x');
  });
});

it('has every mechanism under one id and one field of the policy', () => {
  for (const key of ['id', 'field'] as const)
    expect(new Set(mechanisms.map((mechanism) => mechanism[key])).size).toBe(mechanisms.length);
  expect(() => mechanismOf('magic')).toThrow(
    "There is no mechanism 'magic'. There are: ext_proc, lua, wasm.",
  );
});
