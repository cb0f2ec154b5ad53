/**
 * Records what Envoy Gateway's own translator makes of the policies in packages/plugin/src/mechanisms/testing/policies.yaml (translations.json), and of the
 * Gateway and HTTPRoute around them (surroundings.json): `node tools/record-translations.mjs <egctl>`, with egctl of the release in
 * templates/_shared/versions.yaml. Run again for a new release, and look at the difference.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { run } from './lib/run.mjs';

/** Resources and configuration as egctl prints them; only it knows their types. @typedef {any} Json */

const [egctl = 'egctl'] = process.argv.slice(2);
const directory = join(import.meta.dirname, '..', 'packages', 'plugin', 'src', 'mechanisms', 'testing');
const home = mkdtempSync(join(tmpdir(), 'record-'));
const policies = parse(readFileSync(join(directory, 'policies.yaml'), 'utf8'));
const translations = [];
for (const { name, spec } of policies) translations.push({ name, ...policyPart(await translate(spec)) });
write('translations.json', translations);
write('surroundings.json', await translate(policies[0].spec));
rmSync(home, { recursive: true });

/** @param {string} name @param {unknown} value */
function write(name, value) {
  writeFileSync(join(directory, name), `${JSON.stringify(value, null, 2)}\n`);
}

/** @param {Json} spec */
async function translate(spec) {
  const file = join(home, 'resources.yaml');
  const documents = resources(spec).map((resource) => stringify(resource));
  writeFileSync(file, documents.join('---\n'));
  const output = await run(egctl, ['x', 'translate', '-f', file, '--to', 'xds', '-o', 'json']);
  /** @type {Json[]} */
  const configs = JSON.parse(output).xds['default/eg'].configs;
  const dump = (/** @type {string} */ kind) =>
    configs.find((config) => config['@type'].endsWith(`.${kind}ConfigDump`));
  const listener = dump('Listeners').dynamicListeners.find(
    (/** @type {Json} */ { activeState }) => activeState.listener.name === 'default/eg/http',
  ).activeState.listener;
  const clusters = dump('Clusters').dynamicActiveClusters.map((/** @type {Json} */ { cluster }) => cluster);
  return { listener, routes: dump('Routes').dynamicRouteConfigs[0].routeConfig, clusters };
}

/** @param {{ listener: Json, routes: Json, clusters: Json[] }} translation */
function policyPart({ listener, routes, clusters }) {
  const { httpFilters } = listener.defaultFilterChain.filters[0].typedConfig;
  return {
    filters: httpFilters.filter((/** @type {Json} */ { name }) => name !== 'envoy.filters.http.router'),
    perRoute: routes.virtualHosts[0].routes[0].typedPerFilterConfig,
    clusters: clusters.filter(({ name }) => name.startsWith('envoyextensionpolicy/')),
  };
}

/** @param {Json} spec */
function resources(spec) {
  const metadata = (/** @type {string} */ name) => ({ name, namespace: 'default' });
  const service = (/** @type {string} */ name, /** @type {number} */ port) => ({
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
