import {
  addDependenciesToPackageJson,
  getProjects,
  logger,
  offsetFromRoot,
  readCachedProjectGraph,
  type GeneratorCallback,
  type Tree,
} from '@nx/devkit';
import { EXTENSION_FILE, type OptionValues } from '../engine/extension.ts';
import { parseExtensionFile, writeExtensionFile, type ExtensionFile } from '../engine/extension-file.ts';
import { listOf, resolveOptions } from '../engine/options.ts';
import { formatLikeWorkspace } from '../engine/format.ts';
import { renderTemplate } from '../engine/render.ts';
import { loadTemplate, type Template } from '../engine/template.ts';
import { writeFiles, type Kept } from '../engine/write.ts';
import { languageOf } from '../languages/index.ts';
import type { Language } from '../languages/language.ts';
import { UserError } from '../lib/errors.ts';
import { pluginVersion } from '../lib/paths.ts';
import { registerPlugin } from './init.ts';
import { resolveDirectory, resolveLocation, type Location } from './location.ts';

/** Options of every generator beside its own. */
export interface CommonOptions {
  /** Where the project goes, relative to the current directory. */
  directory: string;
  /** Name of the project and its Kubernetes objects; default: the last part of `directory`. */
  name?: string;
}

/**
 * The one generator behind all of them: makes the Nx generator of template `id`.
 *
 * Running it twice changes nothing. Running it again with other options brings files that are still as they were
 * generated up to date, and keeps every file that was edited.
 */
export function fromTemplate(id: string): (tree: Tree, given: CommonOptions) => Promise<GeneratorCallback> {
  return async (tree, given) => {
    const { directory: givenDirectory, name, ...own } = given;
    const template = loadTemplate(id);
    const directory = resolveDirectory(givenDirectory);
    const recorded = readRecorded(tree, directory, id);
    const location = resolveLocation(tree, directory, name ?? recorded?.name);
    refuseOtherName(tree, location, template, recorded);

    const render = (options: OptionValues) =>
      formatLikeWorkspace(tree, location.directory, renderTemplate(template, { ...location, options }));
    const options = resolveOptions(template, mergeOptions(template, own, recorded?.options));
    const rendered = await render(options);
    const pristine = recorded && (await render(resolveOptions(template, recorded.options)));

    const kept = writeFiles(tree, location.directory, rendered, pristine);
    await writeRecord(tree, location, {
      generator: id,
      version: pluginVersion(),
      name: location.name,
      options,
    });
    const language = languageOf(template.language);
    language.join(tree, location.directory);
    const install = addPackages(tree, language);
    registerPlugin(tree);
    reportKept(location, kept);
    return async () => {
      await install();
      logger.info(`\nNext:\n${nextCommands(location)}`);
    };
  };
}

/** Adds what the language needs to the workspace's package.json, where it is not there yet; returns what installs it. */
function addPackages(tree: Tree, { packages }: Language): GeneratorCallback {
  if (!packages || !tree.exists('package.json')) return () => undefined;
  return addDependenciesToPackageJson(tree, {}, packages(), 'package.json', true);
}

function nextCommands({ name }: Location): string {
  return ['serve', 'verify', 'test'].map((target) => `  npx nx ${target} ${name}`).join('\n');
}

function readRecorded(tree: Tree, directory: string, id: string): ExtensionFile | undefined {
  const path = `${directory}/${EXTENSION_FILE}`;
  const text = tree.exists(path) ? tree.read(path, 'utf8') : null;
  if (text === null) return undefined;
  const recorded = parseExtensionFile(text, path);
  if (recorded.generator !== id)
    throw new UserError(
      `${directory} already holds an extension of generator ${recorded.generator}, so nothing was written. ` +
        `Choose another directory for ${id}.`,
    );
  return recorded;
}

function refuseOtherName(
  tree: Tree,
  { name, directory }: Location,
  template: Template,
  recorded?: ExtensionFile,
): void {
  const language = languageOf(template.language);
  const refused = language.refuseName(name);
  if (refused)
    throw new UserError(`'${name}' cannot name an extension in ${language.title}: ${refused}. Use --name.`);
  if (recorded && recorded.name !== name)
    throw new UserError(
      `${directory} already holds the extension '${recorded.name}'; it cannot also be '${name}'.`,
    );
  const owner = rootOf(tree, name);
  if (owner !== undefined && owner !== directory)
    throw new UserError(
      `The workspace already has a project '${name}' in ${owner}. Use --name to choose another.`,
    );
}

/** Where the project `name` is. Inferred ones are not in the tree, but in the graph that Nx made to find this generator. */
function rootOf(tree: Tree, name: string): string | undefined {
  const written = getProjects(tree).get(name)?.root;
  if (written !== undefined) return written;
  try {
    return readCachedProjectGraph().nodes[name]?.data.root;
  } catch {
    return undefined;
  }
}

/**
 * Nx fills in defaults before a generator sees its options, so a value equal to the default counts as not said:
 * what the project recorded wins over it.
 */
function mergeOptions(template: Template, own: object, recorded: OptionValues = {}): Record<string, unknown> {
  const said = Object.entries(own).filter(([name, value]) => {
    const option = template.options[name];
    const isDefault = option && JSON.stringify(listOf(option, value)) === JSON.stringify(option.default);
    return value !== undefined && !(name in recorded && isDefault);
  });
  return { ...recorded, ...Object.fromEntries(said) };
}

async function writeRecord(tree: Tree, { directory }: Location, file: ExtensionFile): Promise<void> {
  const path = `${directory}/${EXTENSION_FILE}`;
  const schema = `${offsetFromRoot(directory)}node_modules/@eg/plugin/schemas/eg-extension.json`;
  const current = tree.exists(path) ? (tree.read(path, 'utf8') ?? undefined) : undefined;
  const text = writeExtensionFile(file, schema, current);
  if (text === current) return;
  for (const [name, content] of await formatLikeWorkspace(tree, directory, new Map([[EXTENSION_FILE, text]])))
    tree.write(`${directory}/${name}`, content);
}

function reportKept({ directory }: Location, kept: Kept): void {
  if (kept.length)
    logger.info(`Kept as you edited them: ${kept.map((path) => `${directory}/${path}`).join(', ')}`);
}
