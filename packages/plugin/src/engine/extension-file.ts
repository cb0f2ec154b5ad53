import { parseDocument, stringify } from 'yaml';
import { UserError } from '../lib/errors.ts';
import { checkSchema, loadSchema } from '../lib/schema.ts';
import { parseYaml } from '../lib/yaml.ts';
import type { OptionValues } from './extension.ts';

/** The content of `eg-extension.yaml`. */
export interface ExtensionFile {
  readonly generator: string;
  /** Version of the plugin that generated the project. */
  readonly version: string;
  readonly name: string;
  readonly tags?: string[];
  readonly options: OptionValues;
}

let validate: ReturnType<typeof loadSchema> | undefined;

/**
 * Parses and checks `eg-extension.yaml`.
 * @param path what to call the file in messages
 * @throws UserError naming file, line, column and field.
 */
export function parseExtensionFile(text: string, path: string): ExtensionFile {
  const document = parseYaml(text, path);
  if (document.value === null)
    throw new UserError(`${path}:1:1: the file is empty; it needs generator, version and name.`);
  checkSchema((validate ??= loadSchema('eg-extension')), document);
  const file = document.value as Partial<ExtensionFile> & Omit<ExtensionFile, 'options'>;
  return { ...file, options: file.options ?? {} };
}

/**
 * Writes `eg-extension.yaml`; given the current text, changes only the values that differ, so that comments survive.
 * @param schema path of the JSON Schema for editors, relative to the file
 */
export function writeExtensionFile(file: ExtensionFile, schema: string, current?: string): string {
  const quoted = { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' } as const;
  if (current === undefined)
    return (
      `# yaml-language-server: $schema=${schema}\n` +
      `# What this extension was generated from. Every target of the project reads this file.\n` +
      stringify(file, quoted)
    );
  const document = parseDocument(current);
  const before = document.toJS() as Record<string, unknown>;
  const changed = Object.entries(file).filter(
    ([key, value]) => JSON.stringify(before[key]) !== JSON.stringify(value),
  );
  for (const [key, value] of changed) document.set(key, document.createNode(value));
  return changed.length ? document.toString({ ...quoted, lineWidth: 0 }) : current;
}
