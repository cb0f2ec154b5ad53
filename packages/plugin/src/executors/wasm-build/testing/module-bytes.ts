/** What a module made for a test imports (`env.proxy_log`) and exports; all functions take and return nothing. */
export interface ModuleParts {
  readonly imports?: readonly string[];
  readonly exports?: readonly string[];
  /** Whether it exports a memory; default true. */
  readonly memory?: boolean;
}

/** Assembles the smallest WebAssembly module with these parts (WebAssembly Core Specification, “Binary Format”). */
export function moduleBytes({ imports = [], exports = [], memory = true }: ModuleParts): Uint8Array {
  const signature = 0;
  const imported = imports.map((name) => {
    const [from = '', field = ''] = name.split('.');
    return [...text(from), ...text(field), 0x00, signature];
  });
  const exported = exports.map((name, index) => [...text(name), 0x00, ...number(imports.length + index)]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [[0x60, 0x00, 0x00]]),
    ...section(2, imported),
    ...section(
      3,
      exports.map(() => [signature]),
    ),
    ...section(5, [[0x00, 0x01]]),
    ...section(7, [...(memory ? [[...text('memory'), 0x02, 0x00]] : []), ...exported]),
    ...section(
      10,
      exports.map(() => [0x02, 0x00, 0x0b]),
    ),
  ]);
}

function section(id: number, items: readonly number[][]): number[] {
  const content = [...number(items.length), ...items.flat()];
  return [id, ...number(content.length), ...content];
}

function text(value: string): number[] {
  const bytes = [...Buffer.from(value)];
  return [...number(bytes.length), ...bytes];
}

/** Unsigned LEB128. */
function number(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...number(value >>> 7)];
}
