import { chmodSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Extension } from '../../engine/extension.ts';
import type { StackOptions } from '../types.ts';

/** A workspace of a test, with one extension in `services/mine`. */
export interface Project {
  readonly workspaceRoot: string;
  readonly extension: Extension;
  /** Everything that was logged, `source | line`. */
  readonly log: string[];
  readonly options: StackOptions;
  /** Writes a file of the extension, as an editor does: it appears whole. */
  write(path: string, content: string | Uint8Array): void;
  remove(): void;
}

/** Writes the files of an extension called `mine`. */
export function project(mechanism: string, files: Readonly<Record<string, string | Uint8Array>>): Project {
  const workspaceRoot = realpathSync(mkdtempSync(join(tmpdir(), 'stack-')));
  const root = join(workspaceRoot, 'services', 'mine');
  const log: string[] = [];
  const extension: Extension = {
    ...{ name: 'mine', root, generator: 'test', version: '0.1.0', mechanism, language: 'test', options: {} },
  };
  const write: Project['write'] = (path, content) => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, content);
    if (path.startsWith('dist/')) chmodSync(`${file}.new`, 0o755);
    renameSync(`${file}.new`, file);
  };
  for (const [path, content] of Object.entries(files)) write(path, content);
  return {
    ...{ workspaceRoot, extension, log, write },
    options: {
      project: extension,
      workspaceRoot,
      log: (source, line) => void log.push(`${source} | ${line}`),
    },
    remove: () => rmSync(workspaceRoot, { recursive: true, force: true }),
  };
}

/** A policy called `mine` with this spec. */
export const policy = (spec: object): string =>
  JSON.stringify({
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'EnvoyExtensionPolicy',
    metadata: { name: 'mine' },
    spec: {
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'my-route' }],
      ...spec,
    },
  });

/** A script that sets the response header `x-mine`. */
export const script = (value: string): string => `-- Sets a header.
function envoy_on_response(handle)
  handle:headers():replace("x-mine", "${value}")
end
`;

/** A Lua extension: script in a ConfigMap. */
export const luaFiles = (value: string): Record<string, string> => ({
  'k8s/base/kustomization.yaml': 'resources: [../../lua, policy.yaml]\n',
  'k8s/base/policy.yaml': policy({
    lua: [{ type: 'ValueRef', valueRef: { group: '', kind: 'ConfigMap', name: 'mine' } }],
  }),
  'lua/kustomization.yaml':
    'configMapGenerator: [{ name: mine, files: [lua=filter.lua], options: { disableNameSuffixHash: true } }]\n',
  'lua/filter.lua': script(value),
});

/** A Wasm extension; the module is to be `dist/plugin.wasm`. */
export const wasmFiles = (): Record<string, string> => ({
  'k8s/base/kustomization.yaml': 'resources: [policy.yaml]\n',
  'k8s/base/policy.yaml': policy({
    wasm: [{ code: { type: 'Image', image: { url: 'registry.example.com/mine:1' } } }],
  }),
});

/** An ext_proc extension whose program is `server`, with the environment of a Deployment. */
export const serviceFiles = (server: string, env: Record<string, string>): Record<string, string> => ({
  'k8s/base/kustomization.yaml': 'resources: [deployment.yaml, service.yaml, policy.yaml]\n',
  'k8s/base/deployment.yaml': deployment(env),
  'k8s/base/service.yaml': JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'mine' },
    spec: { selector: { app: 'mine' }, ports: [{ port: 9002 }] },
  }),
  'k8s/base/policy.yaml': policy({
    extProc: [
      { backendRefs: [{ name: 'mine', port: 9002 }], processingMode: { response: {} }, messageTimeout: '5s' },
    ],
  }),
  'dist/mine': server,
});

export const deployment = (env: Record<string, string>): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'mine' },
    spec: {
      template: {
        metadata: { labels: { app: 'mine' } },
        spec: {
          containers: [{ name: 'mine', env: Object.entries(env).map(([name, value]) => ({ name, value })) }],
        },
      },
    },
  });
