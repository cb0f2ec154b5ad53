/**
 * A proxy-wasm module (ABI 0.2.1) that sets the response header `x-mine`, assembled from its WebAssembly sections; with
 * `trap`, one whose response handler executes `unreachable`.
 * Formats: WebAssembly Core Specification, “Binary Format”; proxy-wasm ABI specification 0.2.1.
 */
export function wasmModule(value: string, { trap = false } = {}): Uint8Array {
  const name = 'x-mine';
  const types = section(1, [
    func([I32, I32, I32, I32, I32], [I32]), // proxy_replace_header_map_value
    func([], []),
    func([I32], [I32]),
    func([I32, I32], []),
    func([I32, I32], [I32]),
    func([I32, I32, I32], [I32]),
  ]);
  const imports = section(2, [[...text('env'), ...text('proxy_replace_header_map_value'), 0, 0]]);
  const exported: [string, number, number[]][] = [
    ['_initialize', 1, []],
    ['proxy_abi_version_0_2_1', 1, []],
    // Where strings from Envoy would go; this module asks for none.
    ['proxy_on_memory_allocate', 2, i32(4096)],
    ['proxy_on_context_create', 3, []],
    ['proxy_on_vm_start', 4, i32(1)],
    ['proxy_on_configure', 4, i32(1)],
    ['proxy_on_response_headers', 5, trap ? [0x00, ...i32(0)] : [...setHeader(name, value), ...i32(0)]],
  ];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...types,
    ...imports,
    ...section(
      3,
      exported.map(([, type]) => [type]),
    ),
    ...section(5, [[0, 1]]), // one page of memory
    ...section(7, [
      [...text('memory'), 2, 0],
      ...exported.map(([export_], index) => [...text(export_), 0, index + 1]),
    ]),
    ...section(
      10,
      exported.map(([, , code]) => sized([0, ...code, 0x0b])),
    ),
    ...section(11, [[0, ...i32(0), 0x0b, ...text(name + value)]]),
  ]);
}

const I32 = 0x7f;
const RESPONSE_HEADERS = 2;

const setHeader = (name: string, value: string): number[] => [
  ...[RESPONSE_HEADERS, 0, name.length, name.length, value.length].flatMap(i32),
  ...[0x10, 0], // call the import
  0x1a, // drop its result
];

const i32 = (value: number): number[] => [0x41, ...signed(value)];
const func = (parameters: number[], results: number[]): number[] => [
  0x60,
  ...sized(parameters, parameters.length),
  ...sized(results, results.length),
];
const text = (value: string): number[] => sized([...new TextEncoder().encode(value)]);
const section = (id: number, entries: number[][]): number[] => [
  id,
  ...sized([...unsigned(entries.length), ...entries.flat()]),
];
const sized = (bytes: number[], size = bytes.length): number[] => [...unsigned(size), ...bytes];

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >> 7)];
}

function signed(value: number): number[] {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
