import {
  createNodesFromFiles,
  type CreateNodes,
  type CreateNodesContext,
  type ProjectConfiguration,
  type TargetConfiguration,
} from '@nx/devkit';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EXTENSION_FILE } from '../engine/extension.ts';
import { parseExtensionFile, type ExtensionFile } from '../engine/extension-file.ts';
import { refuseName } from '../engine/names.ts';
import { loadTemplate } from '../engine/template.ts';
import { languageOf } from '../languages/index.ts';
import { messageOf } from '../lib/errors.ts';
import { mechanismOf } from '../mechanisms/index.ts';
import { stackTargets } from './stack-targets.ts';

/**
 * Turns every `eg-extension.yaml` into a project with its targets. Reads files only: no toolchain runs, and a broken
 * file costs its own project its targets, never the graph.
 */
export const createNodes: CreateNodes = [
  `**/${EXTENSION_FILE}`,
  (files, options, context) => {
    const owners = new Map<string, string>();
    return createNodesFromFiles(
      (file) => {
        const root = dirname(file);
        const project = inferProject(file, root, context, owners);
        return { projects: { [root]: project } };
      },
      [...files].sort(),
      options,
      context,
    );
  },
];

/** The name this plugin interface had up to Nx 22. */
export const createNodesV2 = createNodes;

function inferProject(
  file: string,
  root: string,
  { workspaceRoot }: CreateNodesContext,
  owners: Map<string, string>,
): Omit<ProjectConfiguration, 'root'> {
  try {
    const extension = parseExtensionFile(readFileSync(join(workspaceRoot, file), 'utf8'), file);
    refuseTaken(extension, file, owners);
    return describe(extension, root, workspaceRoot);
  } catch (error) {
    return broken(root, messageOf(error));
  }
}

function refuseTaken({ name }: ExtensionFile, file: string, owners: Map<string, string>): void {
  const refused = refuseName(name);
  if (refused) throw new Error(`${file}: name: '${name}' cannot name an extension: ${refused}.`);
  const owner = owners.get(name);
  if (owner) throw new Error(`${file}: name: '${name}' is already the extension in ${owner}.`);
  owners.set(name, dirname(file));
}

function describe(
  extension: ExtensionFile,
  root: string,
  workspaceRoot: string,
): Omit<ProjectConfiguration, 'root'> {
  const template = loadTemplate(extension.generator);
  const mechanism = mechanismOf(template.mechanism);
  const language = languageOf(template.language);
  const context = { name: extension.name, root, workspaceRoot, artifact: mechanism.artifact };
  const own = language.targets(context);
  return {
    name: extension.name,
    projectType: 'application',
    sourceRoot: root,
    tags: (extension.options['tags'] as string[] | undefined) ?? [],
    targets: { ...own, ...stackTargets(extension, own) },
    metadata: {
      description: `${template.title} for Envoy Gateway`,
      technologies: [...new Set([language.id, template.mechanism, 'envoy-gateway'])],
    },
  };
}

/** A project whose every target fails with the reason, while the rest of the workspace works on. */
function broken(root: string, message: string): Omit<ProjectConfiguration, 'root'> {
  const target: TargetConfiguration = {
    executor: '@eg/plugin:broken',
    options: { message },
    metadata: { description: message },
  };
  const targets = Object.fromEntries(
    ['build', 'test', 'lint', 'serve', 'verify'].map((name) => [name, target]),
  );
  return { name: basename(root), sourceRoot: root, targets, metadata: { description: message } };
}
