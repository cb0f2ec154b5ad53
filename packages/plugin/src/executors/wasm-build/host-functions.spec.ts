import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start, stop } from '../../lib/exec.ts';
import { findEnvoy } from '../../stack/find-envoy.ts';
import { hostFunctions } from './host-functions.ts';
import { moduleBytes } from './testing/module-bytes.ts';

const UNKNOWN = 'env.no_such_function';

let home: string;
beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'eg-host-functions-'))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

it('are all provided by Envoy', async () => {
  const known = [...hostFunctions].flatMap(([from, names]) => [...names].map((name) => `${from}.${name}`));
  // One listener for each, as Envoy reports only the first function that a module imports in vain.
  const resources = [...known, UNKNOWN].map(listenerWith);
  writeFileSync(join(home, 'listeners.json'), JSON.stringify({ resources }));
  const log = await logOfEnvoy(new RegExp(`missing import: ${UNKNOWN}`));
  const missing = [...log.matchAll(/missing import: (\S+)/g)].map(([, name]) => name);
  expect(missing).toEqual([UNKNOWN]);
});

/** A listener, bound to no port, with a module that imports just this function. */
function listenerWith(name: string): object {
  const filename = join(home, `${name}.wasm`);
  writeFileSync(filename, moduleBytes({ imports: [name], exports: ['proxy_abi_version_0_2_1', 'malloc'] }));
  const vm_config = { vm_id: name, runtime: 'envoy.wasm.runtime.v8', code: { local: { filename } } };
  const wasm = typed('filters.http.wasm.v3.Wasm', { config: { name, root_id: name, vm_config } });
  const router = typed('filters.http.router.v3.Router', {});
  const manager = typed('filters.network.http_connection_manager.v3.HttpConnectionManager', {
    stat_prefix: 'http',
    route_config: {},
    http_filters: [
      { name: 'wasm', typed_config: wasm },
      { name: 'router', typed_config: router },
    ],
  });
  return {
    '@type': 'type.googleapis.com/envoy.config.listener.v3.Listener',
    name,
    address: { socket_address: { address: '127.0.0.1', port_value: 0 } },
    bind_to_port: false,
    filter_chains: [{ filters: [{ name: 'http', typed_config: manager }] }],
  };
}

function typed(name: string, config: object): object {
  return { '@type': `type.googleapis.com/envoy.extensions.${name}`, ...config };
}

/** What Envoy logs of these listeners until `last`. */
async function logOfEnvoy(last: RegExp): Promise<string> {
  const path = join(home, 'bootstrap.json');
  const lds_config = { path_config_source: { path: join(home, 'listeners.json') } };
  const node = { id: 'test', cluster: 'test' };
  writeFileSync(path, JSON.stringify({ node, dynamic_resources: { lds_config } }));
  const envoy = await findEnvoy(undefined, () => undefined);
  const args = ['--config-path', path, '--concurrency', '1', '--disable-hot-restart', '--log-level', 'error'];
  const child = await start({ command: envoy.path, args }, ['ignore', 'ignore', 'pipe']);
  let log = '';
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => {
      reject(new Error(`Envoy ended:\n${log}`));
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      if (last.test(log)) resolve();
    });
  });
  await stop(child);
  return log;
}
