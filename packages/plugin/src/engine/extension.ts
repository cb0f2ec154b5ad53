import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../lib/errors.ts';
import { parseExtensionFile } from './extension-file.ts';
import { loadTemplate } from './template.ts';

/** The file that makes a directory an extension: inference glob, answers of the generator, and what every target reads. */
export const EXTENSION_FILE = 'eg-extension.yaml';

/** What a generator was asked, after defaults: scalars and lists of strings. */
export type OptionValues = Record<string, string | boolean | number | string[]>;

/** One extension of the workspace, as its `eg-extension.yaml` describes it. */
export interface Extension {
  readonly name: string;
  /** Absolute path of the project. */
  readonly root: string;
  readonly generator: string;
  /** Version of the plugin that generated it. */
  readonly version: string;
  readonly mechanism: string;
  readonly language: string;
  readonly options: OptionValues;
}

/**
 * Reads the extension in `root` (absolute path).
 * @throws UserError naming file, line and field when `eg-extension.yaml` is missing, broken, or of an unknown generator.
 */
export function readExtension(root: string): Extension {
  const path = join(root, EXTENSION_FILE);
  if (!existsSync(path))
    throw new UserError(
      `${path} does not exist, so this is not an extension. Generate one: nx g @eg/plugin:<generator> <directory>`,
    );
  const file = parseExtensionFile(readFileSync(path, 'utf8'), path);
  const { mechanism, language } = loadTemplate(file.generator);
  return {
    name: file.name,
    root,
    generator: file.generator,
    version: file.version,
    mechanism,
    language,
    options: file.options,
  };
}
