// Written by `npm run generate` from templates/*/template.yaml; do not edit.

import type { GeneratorCallback, Tree } from '@nx/devkit';
import { fromTemplate, type CommonOptions } from './from-template.ts';

/** Options of generator `lua-configmap`: Lua script in a ConfigMap. */
export interface LuaConfigmapOptions extends CommonOptions {
  /** What the policy attaches to, as Kind/name or Kind/name/sectionName, in the namespace of the policy. Several may be given. A section is a listener of a Gateway or ListenerSet, or a named rule of a route. Default: ["HTTPRoute/my-route"]. */
  target?: string[];
  /** Kubernetes namespace of the extension; the target must be in it too. Default: "default". */
  namespace?: string;
  /** What of the request the extension sees. Every body mode includes the headers. Default: "headers". */
  request?: 'none' | 'headers' | 'Buffered';
  /** What of the response the extension sees. Every body mode includes the headers. Default: "headers". */
  response?: 'none' | 'headers' | 'Buffered';
  /** Nx tags of the project, for module boundaries and --projects=tag:…. Default: []. */
  tags?: string[];
}

/** A Lua script that Envoy runs in its own process, delivered as a ConfigMap; nothing to build or to deploy. */
export const luaConfigmap: (tree: Tree, options: LuaConfigmapOptions) => Promise<GeneratorCallback> =
  fromTemplate('lua-configmap');
