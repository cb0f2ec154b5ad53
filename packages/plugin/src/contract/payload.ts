import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseSize } from './units.ts';

/** Largest body that a contract sends or expects, in bytes. */
export const MAX_BODY = 64 * 1024 * 1024;

const DEFAULT_FILL = '0123456789';

/** A body as the contract writes it; which fields go together is the schema's business. */
export type PayloadSpec =
  string | { base64?: string; file?: string; size?: string | number; fill?: string; chunks?: string[] };

/** A body to send. */
export interface Payload {
  /** One piece, or the chunks that the contract asks for. */
  readonly chunks: readonly Buffer[];
  /** Shell words that print this body, to pipe into curl; undefined for short text, which is an argument. */
  readonly printedBy?: string;
}

/**
 * Makes the body that `spec` describes.
 * @param directory where relative file names begin
 * @throws Error saying what is wrong with `spec`: a file that cannot be read, a size over MAX_BODY.
 */
export function payloadOf(spec: PayloadSpec, directory: string): Payload {
  if (typeof spec === 'string') return { chunks: [Buffer.from(spec)] };
  if (spec.chunks) return { chunks: spec.chunks.map((chunk) => Buffer.from(chunk)) };
  if (spec.base64 !== undefined)
    return {
      chunks: [Buffer.from(spec.base64, 'base64')],
      printedBy: `printf %s ${spec.base64} | base64 -d`,
    };
  if (spec.file !== undefined) {
    const path = resolve(directory, spec.file);
    return { chunks: [readBody(path)], printedBy: `cat ${quote(path)}` };
  }
  const { size = 0, fill = DEFAULT_FILL } = spec;
  const bytes = filled(size, fill);
  return { chunks: [bytes], printedBy: `yes ${quote(fill)} | tr -d '\\n' | head -c ${bytes.length}` };
}

/**
 * `fill` repeated up to `size`.
 * @throws Error when the size is over MAX_BODY.
 */
export function filled(size: string | number, fill: string): Buffer {
  const bytes = sizeOf(size);
  return bytes === 0 ? Buffer.alloc(0) : Buffer.alloc(bytes, fill);
}

/**
 * Bytes of `size`.
 * @throws Error when the size is over MAX_BODY.
 */
export function sizeOf(size: string | number): number {
  const bytes = parseSize(size) ?? 0;
  if (bytes > MAX_BODY) throw new Error(`${size} is more than 64MiB, the largest body of a contract`);
  return bytes;
}

/**
 * Content of the file at `path` (absolute).
 * @throws Error when it cannot be read or is over MAX_BODY.
 */
export function readBody(path: string): Buffer {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile()) throw new Error(`there is no file ${path}`);
  if (stats.size > MAX_BODY) throw new Error(`${path} is larger than 64MiB, the largest body of a contract`);
  return readFileSync(path);
}

/** One word of a POSIX shell. */
export const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
