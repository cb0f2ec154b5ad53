// Written by `npm run generate` from templates/*/template.yaml; do not edit.

import type { GeneratorCallback, Tree } from '@nx/devkit';
import { fromTemplate, type CommonOptions } from './from-template.ts';

/** Options of generator `as-wasm`: AssemblyScript Wasm filter. */
export interface AsWasmOptions extends CommonOptions {
  /** What the policy attaches to, as Kind/name or Kind/name/sectionName, in the namespace of the policy. Several may be given. A section is a listener of a Gateway or ListenerSet, or a named rule of a route. Default: ["HTTPRoute/my-route"]. */
  target?: string[];
  /** Kubernetes namespace of the extension; the target must be in it too. Default: "default". */
  namespace?: string;
  /** What of the request the extension sees. Every body mode includes the headers. Default: "headers". */
  request?: 'none' | 'headers' | 'Buffered' | 'Streamed';
  /** What of the response the extension sees. Every body mode includes the headers. Default: "headers". */
  response?: 'none' | 'headers' | 'Buffered' | 'Streamed';
  /** Let traffic pass when the extension fails (true), or answer with an error (false). Leave it false for anything that protects something. Default: false. */
  failOpen?: boolean;
  /** Registry, and path in it, that the image is pushed to, such as registry.example.com/team. Default: "registry.example.com". */
  registry?: string;
  /** Name of the image in the registry; the name of the extension when it is left out. Default: "". */
  image?: string;
  /** Nx tags of the project, for module boundaries and --projects=tag:…. Default: []. */
  tags?: string[];
  /** Name under which the module registers the filter, and the policy asks for it; the name of the extension when it is left out. Default: "". */
  rootID?: string;
  /** Where Envoy Gateway gets the module from, an OCI registry (Image) or a web server (HTTP). Default: "Image". */
  source?: 'Image' | 'HTTP';
  /** Where the module can be downloaded, for source HTTP. Default: "". */
  url?: string;
  /** Secret of type kubernetes.io/dockerconfigjson, in the namespace of the policy, that the registry asks for. Default: "". */
  pullSecret?: string;
}

/** An AssemblyScript filter that Envoy runs in its own process, in a sandbox, delivered as an OCI image. */
export const asWasm: (tree: Tree, options: AsWasmOptions) => Promise<GeneratorCallback> =
  fromTemplate('as-wasm');

/** Options of generator `go-extproc`: Go external processor. */
export interface GoExtprocOptions extends CommonOptions {
  /** What the policy attaches to, as Kind/name or Kind/name/sectionName, in the namespace of the policy. Several may be given. A section is a listener of a Gateway or ListenerSet, or a named rule of a route. Default: ["HTTPRoute/my-route"]. */
  target?: string[];
  /** Kubernetes namespace of the extension; the target must be in it too. Default: "default". */
  namespace?: string;
  /** What of the request the extension sees. Every body mode includes the headers. Default: "headers". */
  request?: 'none' | 'headers' | 'Buffered' | 'BufferedPartial' | 'Streamed' | 'FullDuplexStreamed';
  /** What of the response the extension sees. Every body mode includes the headers. Default: "headers". */
  response?: 'none' | 'headers' | 'Buffered' | 'BufferedPartial' | 'Streamed' | 'FullDuplexStreamed';
  /** How long Envoy waits for each answer of the extension, from 1ms to 99m, with one unit (ms, s or m). Default: "1s". */
  messageTimeout?: string;
  /** Let traffic pass when the extension fails (true), or answer with an error (false). Leave it false for anything that protects something. Default: false. */
  failOpen?: boolean;
  /** Registry, and path in it, that the image is pushed to, such as registry.example.com/team. Default: "registry.example.com". */
  registry?: string;
  /** Name of the image in the registry; the name of the extension when it is left out. Default: "". */
  image?: string;
  /** Nx tags of the project, for module boundaries and --projects=tag:…. Default: []. */
  tags?: string[];
  /** Attributes of Envoy that come with the request, such as request.path or source.address. For a request that it sees. Default: []. */
  requestAttributes?: string[];
  /** Attributes of Envoy that come with the response, such as response.code or upstream.address. For a response that it sees. Default: []. */
  responseAttributes?: string[];
  /** Namespaces of dynamic metadata that it may read, such as envoy.filters.http.jwt_authn. Default: []. */
  accessibleMetadata?: string[];
  /** Namespaces of dynamic metadata that it may write, such as com.example.orders; at most 8. Default: []. */
  writableMetadata?: string[];
  /** Path of the Go module, such as github.com/example/orders; example.com/<name> when it is left out. Default: "". */
  module?: string;
}

/** A Go service that Envoy asks, over gRPC, what to do with each request and response. */
export const goExtproc: (tree: Tree, options: GoExtprocOptions) => Promise<GeneratorCallback> =
  fromTemplate('go-extproc');

/** Options of generator `go-wasm`: Go Wasm filter. */
export interface GoWasmOptions extends CommonOptions {
  /** What the policy attaches to, as Kind/name or Kind/name/sectionName, in the namespace of the policy. Several may be given. A section is a listener of a Gateway or ListenerSet, or a named rule of a route. Default: ["HTTPRoute/my-route"]. */
  target?: string[];
  /** Kubernetes namespace of the extension; the target must be in it too. Default: "default". */
  namespace?: string;
  /** What of the request the extension sees. Every body mode includes the headers. Default: "headers". */
  request?: 'none' | 'headers' | 'Buffered' | 'Streamed';
  /** What of the response the extension sees. Every body mode includes the headers. Default: "headers". */
  response?: 'none' | 'headers' | 'Buffered' | 'Streamed';
  /** Let traffic pass when the extension fails (true), or answer with an error (false). Leave it false for anything that protects something. Default: false. */
  failOpen?: boolean;
  /** Registry, and path in it, that the image is pushed to, such as registry.example.com/team. Default: "registry.example.com". */
  registry?: string;
  /** Name of the image in the registry; the name of the extension when it is left out. Default: "". */
  image?: string;
  /** Nx tags of the project, for module boundaries and --projects=tag:…. Default: []. */
  tags?: string[];
  /** Name under which the module registers the filter, and the policy asks for it; the name of the extension when it is left out. Default: "". */
  rootID?: string;
  /** Where Envoy Gateway gets the module from, an OCI registry (Image) or a web server (HTTP). Default: "Image". */
  source?: 'Image' | 'HTTP';
  /** Where the module can be downloaded, for source HTTP. Default: "". */
  url?: string;
  /** Secret of type kubernetes.io/dockerconfigjson, in the namespace of the policy, that the registry asks for. Default: "". */
  pullSecret?: string;
  /** Environment variables of Envoy that the filter may read, with os.Getenv. Default: []. */
  hostKeys?: string[];
}

/** A Go filter that Envoy runs in its own process, in a sandbox, delivered as an OCI image. */
export const goWasm: (tree: Tree, options: GoWasmOptions) => Promise<GeneratorCallback> =
  fromTemplate('go-wasm');

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

/** Options of generator `lua-inline`: Lua script in the policy. */
export interface LuaInlineOptions extends CommonOptions {
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

/** A Lua script that Envoy runs in its own process, as part of the policy itself; for prototypes. */
export const luaInline: (tree: Tree, options: LuaInlineOptions) => Promise<GeneratorCallback> =
  fromTemplate('lua-inline');

/** Options of generator `rust-wasm`: Rust Wasm filter. */
export interface RustWasmOptions extends CommonOptions {
  /** What the policy attaches to, as Kind/name or Kind/name/sectionName, in the namespace of the policy. Several may be given. A section is a listener of a Gateway or ListenerSet, or a named rule of a route. Default: ["HTTPRoute/my-route"]. */
  target?: string[];
  /** Kubernetes namespace of the extension; the target must be in it too. Default: "default". */
  namespace?: string;
  /** What of the request the extension sees. Every body mode includes the headers. Default: "headers". */
  request?: 'none' | 'headers' | 'Buffered' | 'Streamed';
  /** What of the response the extension sees. Every body mode includes the headers. Default: "headers". */
  response?: 'none' | 'headers' | 'Buffered' | 'Streamed';
  /** Let traffic pass when the extension fails (true), or answer with an error (false). Leave it false for anything that protects something. Default: false. */
  failOpen?: boolean;
  /** Registry, and path in it, that the image is pushed to, such as registry.example.com/team. Default: "registry.example.com". */
  registry?: string;
  /** Name of the image in the registry; the name of the extension when it is left out. Default: "". */
  image?: string;
  /** Nx tags of the project, for module boundaries and --projects=tag:…. Default: []. */
  tags?: string[];
  /** Name under which the module registers the filter, and the policy asks for it; the name of the extension when it is left out. Default: "". */
  rootID?: string;
  /** Where Envoy Gateway gets the module from, an OCI registry (Image) or a web server (HTTP). Default: "Image". */
  source?: 'Image' | 'HTTP';
  /** Where the module can be downloaded, for source HTTP. Default: "". */
  url?: string;
  /** Secret of type kubernetes.io/dockerconfigjson, in the namespace of the policy, that the registry asks for. Default: "". */
  pullSecret?: string;
  /** Environment variables of Envoy that the filter may read, with std::env::var. Default: []. */
  hostKeys?: string[];
}

/** A Rust filter that Envoy runs in its own process, in a sandbox, delivered as an OCI image. */
export const rustWasm: (tree: Tree, options: RustWasmOptions) => Promise<GeneratorCallback> =
  fromTemplate('rust-wasm');
