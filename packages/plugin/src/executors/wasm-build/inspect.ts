import { gzipSync } from 'node:zlib';
import { hostFunctions } from './host-functions.ts';

/** What a Wasm module is, as Envoy will see it. */
export interface Inspection {
  /** Bytes. */
  readonly size: number;
  /** Bytes once compressed, about what the layer of an image takes. */
  readonly gzipped: number;
  /** Version of the Proxy-Wasm ABI: `0.2.1`; undefined when it names none. */
  readonly abi?: string;
  /** What Envoy may call: `proxy_on_request_headers`, … */
  readonly callbacks: readonly string[];
  /** What the module calls: `env.proxy_log`, … */
  readonly imports: readonly string[];
  /** Why Envoy would not load it; empty when it would. */
  readonly problems: readonly string[];
}

/** Looks into a Wasm module without running it. */
export function inspectModule(bytes: Uint8Array): Inspection {
  const size = bytes.byteLength;
  const gzipped = gzipSync(bytes, { level: 9 }).byteLength;
  let module: object;
  try {
    module = new WebAssembly.Module(bytes);
  } catch (error) {
    const problem = `it is not a valid WebAssembly module: ${(error as Error).message}`;
    return { size, gzipped, callbacks: [], imports: [], problems: [problem] };
  }
  const exports = WebAssembly.Module.exports(module).map(({ name }) => name);
  const imports = WebAssembly.Module.imports(module);
  const versions = exports.flatMap((name) => /^proxy_abi_version_(\d+_\d+_\d+)$/.exec(name)?.[1] ?? []);
  const abi = versions[0]?.replaceAll('_', '.');
  return {
    size,
    gzipped,
    ...(abi ? { abi } : {}),
    callbacks: exports.filter((name) => name.startsWith('proxy_on_')).sort(),
    imports: imports.map(({ module: from, name }) => `${from}.${name}`).sort(),
    problems: [...abiProblems(abi), ...memoryProblems(exports), ...imports.flatMap(importProblems)],
  };
}

function abiProblems(abi: string | undefined): string[] {
  if (abi?.startsWith('0.2.')) return [];
  return [
    abi
      ? `it speaks Proxy-Wasm ABI ${abi}, and 0.2 is needed`
      : 'it exports no proxy_abi_version_0_2_1, so it was not made with a Proxy-Wasm SDK, or the linker dropped it',
  ];
}

/** Envoy hands data over by having the module allocate it. */
function memoryProblems(exports: string[]): string[] {
  const allocates = exports.includes('malloc') || exports.includes('proxy_on_memory_allocate');
  return [
    ...(exports.includes('memory') ? [] : ['it exports no memory']),
    ...(allocates ? [] : ['it exports neither malloc nor proxy_on_memory_allocate']),
  ];
}

function importProblems({ module: from, name, kind }: WasmImport): string[] {
  if (kind === 'function' && hostFunctions.get(from)?.has(name)) return [];
  return [`it imports the ${kind} ${from}.${name}, which Envoy does not provide`];
}

interface WasmImport {
  readonly module: string;
  readonly name: string;
  readonly kind: string;
}

// Node has it; TypeScript declares it only together with the DOM.
declare const WebAssembly: {
  readonly Module: {
    new (bytes: Uint8Array): object;
    exports(module: object): { name: string; kind: string }[];
    imports(module: object): WasmImport[];
  };
};
