/**
 * Records what Envoy Gateway's own translator makes of the policies in policies.yaml (translations.json), and of the
 * Gateway and HTTPRoute around them (surroundings.json): `node record.mjs <egctl>`, with egctl of the release in
 * templates/_shared/versions.yaml. Run again for a new release, and look at the difference.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

const [egctl = 'egctl'] = process.argv.slice(2);
const policies = parse(readFileSync(join(import.meta.dirname, 'policies.yaml'), 'utf8'));
const home = mkdtempSync(join(tmpdir(), 'record-'));
const write = (name, value) =>
  writeFileSync(join(import.meta.dirname, name), `${JSON.stringify(value, null, 2)}\n`);
write(
  'translations.json',
  policies.map(({ name, spec }) => ({ name, ...policyPart(translate(spec)) })),
);
write('surroundings.json', translate(policies[0].spec));
rmSync(home, { recursive: true });

function translate(spec) {
  const file = join(home, 'resources.yaml');
  writeFileSync(
    file,
    resources(spec)
      .map((resource) => stringify(resource))
      .join('---\n'),
  );
  const output = execFileSync(egctl, ['x', 'translate', '-f', file, '--to', 'xds', '-o', 'json'], {
    encoding: 'utf8',
  });
  const { configs } = JSON.parse(output).xds['default/eg'];
  const dump = (kind) => configs.find((config) => config['@type'].endsWith(`.${kind}ConfigDump`));
  const listener = dump('Listeners').dynamicListeners.find(
    ({ activeState }) => activeState.listener.name === 'default/eg/http',
  ).activeState.listener;
  const clusters = dump('Clusters').dynamicActiveClusters.map(({ cluster }) => cluster);
  return { listener, routes: dump('Routes').dynamicRouteConfigs[0].routeConfig, clusters };
}

function policyPart({ listener, routes, clusters }) {
  const { httpFilters } = listener.defaultFilterChain.filters[0].typedConfig;
  return {
    filters: httpFilters.filter(({ name }) => name !== 'envoy.filters.http.router'),
    perRoute: routes.virtualHosts[0].routes[0].typedPerFilterConfig,
    clusters: clusters.filter(({ name }) => name.startsWith('envoyextensionpolicy/')),
  };
}

function resources(spec) {
  const metadata = (name) => ({ name, namespace: 'default' });
  const service = (name, port) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(name),
    spec: { clusterIP: '10.11.0.5', ports: [{ port, targetPort: port }] },
  });
  const target = { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'my-route' };
  return [
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: 'eg' },
      spec: { controllerName: 'gateway.envoyproxy.io/gatewayclass-controller' },
    },
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: metadata('eg'),
      spec: { gatewayClassName: 'eg', listeners: [{ name: 'http', protocol: 'HTTP', port: 80 }] },
    },
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: metadata('my-route'),
      spec: { parentRefs: [{ name: 'eg' }], rules: [{ backendRefs: [{ name: 'backend', port: 80 }] }] },
    },
    service('backend', 80),
    service('my-filter', 9002),
    {
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'EnvoyExtensionPolicy',
      metadata: metadata('my-policy'),
      spec: { targetRefs: [target], ...spec },
    },
  ];
}
