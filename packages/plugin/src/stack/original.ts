import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Source } from '../mechanisms/mechanism.ts';

/** Directories of a project that hold nothing a user writes. */
const GENERATED = new Set(['.git', 'dist', 'node_modules', 'target']);

/**
 * Where kustomize put a script somewhere else (into a ConfigMap, or the policy), a message should name the file of the
 * project in `root` that it took the script from: the one with the same text.
 */
export function original(source: Source, root: string): Source {
  if (existsSync(source.path)) return source;
  const path = findText(root, source.text, Buffer.byteLength(source.text));
  return path === undefined ? source : { ...source, path, line: 1 };
}

function findText(directory: string, text: string, size: number): string | undefined {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    const found =
      entry.isDirectory() && !GENERATED.has(entry.name)
        ? findText(path, text, size)
        : entry.isFile() && statSync(path).size === size && readFileSync(path, 'utf8') === text
          ? path
          : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
