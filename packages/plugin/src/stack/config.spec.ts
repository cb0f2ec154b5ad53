import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readPolicy } from '../gateway/policy.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Translation } from '../mechanisms/mechanism.ts';
import { bootstrap, resourceFiles } from './config.ts';

const recordings = join(import.meta.dirname, '..', 'mechanisms', 'testing');
const read = (name: string): unknown => parse(readFileSync(join(recordings, name), 'utf8'));

/** The first of the recorded policies. */
function translations(): Translation[] {
  const [{ spec }] = read('policies.yaml') as [{ spec: unknown }];
  const policy = readPolicy({
    ...{ apiVersion: 'gateway.envoyproxy.io/v1alpha1', kind: 'EnvoyExtensionPolicy' },
    ...{ name: 'my-policy', namespace: 'default', value: { spec }, at: () => 'policy.yaml:1:1' },
  });
  const local = {
    service: () => '/home/extension.sock',
    module: () => '',
    configMap: () => ({ data: {}, files: {} }),
  };
  return policy.entries.map(({ mechanism, entry }) => mechanism.translate(entry, local));
}

const files = () => resourceFiles({ home: '/home', port: 0, echoPort: 4000, translations: translations() });

type Fields = Record<string, unknown>;

/** The resources of a file, as plain JSON that can be changed. */
const resources = (directory: string) =>
  JSON.parse(JSON.stringify(files().find((file) => file.directory === directory)?.resources)) as Fields[];

/** What stands at a path of Envoy's configuration. */
function part(of: unknown, ...path: (string | number)[]): Fields {
  return path.reduce((fields, key) => (fields as Fields)[key], of) as Fields;
}

const manager = (listener: unknown): Fields =>
  part(listener, 'defaultFilterChain', 'filters', 0, 'typedConfig');

describe('what Envoy Gateway sets up around a policy, but for what the local stack is about', () => {
  const recorded = read('surroundings.json') as { listener: Fields; routes: Fields; clusters: Fields[] };

  it('is the listener', () => {
    const [listener = {}] = resources('lds');
    const expected = structuredClone(recorded.listener);
    // Local: where it listens, and what it does not log.
    Object.assign(expected, { address: listener['address'], enableReusePort: false });
    delete expected['accessLog'];
    delete manager(expected)['accessLog'];
    // Local: trailers over HTTP/1, and files in place of a control plane.
    manager(expected)['httpProtocolOptions'] = { enableTrailers: true };
    part(manager(expected), 'rds')['configSource'] = part(manager(listener), 'rds')['configSource'];
    const filter = part(manager(listener), 'httpFilters', 0);
    const { '@type': type } = part(manager(expected), 'httpFilters', 0, 'typedConfig');
    expect(filter['configDiscovery']).toMatchObject({ typeUrls: [type] });
    filter['typedConfig'] = resources('extproc-0')[0]?.['typedConfig'];
    delete filter['configDiscovery'];
    expect(listener).toEqual(expected);
  });

  it('is the route', () => {
    const expected = structuredClone(recorded.routes);
    delete part(expected, 'virtualHosts', 0)['metadata'];
    expect(resources('rds')).toEqual([expected]);
  });

  it('is the cluster of the upstream', () => {
    const [{ loadAssignment, typedExtensionProtocolOptions, ...cluster } = {}] = resources('cds');
    const { edsClusterConfig, ...expected } = recorded.clusters[0] ?? {};
    expect(edsClusterConfig).toBeDefined();
    expect(cluster).toEqual({ ...expected, type: 'STATIC' });
    expect(JSON.stringify(loadAssignment)).toContain('{"address":"127.0.0.1","portValue":4000}');
    expect(JSON.stringify(typedExtensionProtocolOptions)).toContain('{"enableTrailers":true}');
  });
});

it('listens on loopback only', () => {
  const text = JSON.stringify([bootstrap('/home'), files()]);
  const addresses = [...text.matchAll(/"socketAddress":\{"address":"([^"]*)"/g)].map(
    ([, address]) => address,
  );
  expect(new Set(addresses)).toEqual(new Set(['127.0.0.1']));
});

it('writes clusters and filters before what refers to them', () => {
  expect(files().map(({ directory }) => directory)).toEqual(['cds', 'extproc-0', 'lds', 'rds']);
});

it('leaves no undefined field that would differ from one that is left out', () => {
  const config: JsonObject = bootstrap('/home');
  expect(JSON.parse(JSON.stringify(config))).toEqual(config);
});
