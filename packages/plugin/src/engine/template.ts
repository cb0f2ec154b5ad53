import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../lib/errors.ts';
import { templatesRoot } from '../lib/paths.ts';
import { checkSchema, loadSchema } from '../lib/schema.ts';
import { parseYaml } from '../lib/yaml.ts';
import type { OptionValues } from './extension.ts';

/** One option of a generator; the Nx schema, the prompt, the TypeScript type and the docs row all come from it. */
export interface OptionDefinition {
  readonly type: 'string' | 'boolean' | 'number' | 'array';
  readonly description: string;
  readonly prompt?: string;
  readonly default?: string | boolean | number | string[];
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly patternError?: string;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A generator, as `templates/<id>/template.yaml` describes it, with its shared options resolved. */
export interface Template {
  readonly id: string;
  /** Absolute path of `templates/<id>`. */
  readonly directory: string;
  readonly title: string;
  readonly summary: string;
  readonly mechanism: string;
  readonly language: string;
  readonly placement: 'service' | 'sidecar' | 'in-process';
  readonly options: Readonly<Record<string, OptionDefinition>>;
  readonly refuse: readonly { readonly when: OptionValues; readonly because: string }[];
  /** Programs that serve and verify need beside those of the language; of each, one is enough. */
  readonly tools: readonly { readonly anyOf: readonly string[]; readonly install: string }[];
  readonly decision: Readonly<Record<string, string>>;
  readonly cases: Readonly<Record<string, OptionValues>>;
}

type TemplateFile = Omit<Template, 'id' | 'directory' | 'options' | 'refuse' | 'tools' | 'decision'> &
  Partial<Pick<Template, 'refuse' | 'tools' | 'decision'>> & {
    use?: string[];
    options?: Record<string, Partial<OptionDefinition>>;
  };

/** Ids of all generators: the folders of `root` that hold a template.yaml. */
export function templateIds(root = templatesRoot()): string[] {
  return readdirSync(root)
    .filter((id) => existsSync(join(root, id, 'template.yaml')))
    .sort();
}

/**
 * Loads the template of generator `id`.
 * @throws UserError when there is none, or naming file, line and field of the first mistakes in it.
 */
export function loadTemplate(id: string, root = templatesRoot()): Template {
  const key = join(root, id);
  const known = loaded.get(key) ?? readTemplate(id, root);
  loaded.set(key, known);
  return known;
}

// Inference asks for the same few templates once per project.
const loaded = new Map<string, Template>();

function readTemplate(id: string, root: string): Template {
  const directory = join(root, id);
  const path = join(directory, 'template.yaml');
  if (!/^[a-z][a-z0-9-]*$/.test(id) || !existsSync(path))
    throw new UserError(`There is no generator '${id}'. There are: ${templateIds(root).join(', ')}.`);
  const document = parseYaml(readFileSync(path, 'utf8'), path);
  checkSchema((validateTemplate ??= loadSchema('template')), document);
  const file = document.value as TemplateFile;
  return {
    id,
    directory,
    title: file.title,
    summary: file.summary,
    mechanism: file.mechanism,
    language: file.language,
    placement: file.placement,
    options: resolveOptionDefinitions(file, path, root),
    refuse: file.refuse ?? [],
    tools: file.tools ?? [],
    decision: file.decision ?? {},
    cases: file.cases,
  };
}

let validateTemplate: ReturnType<typeof loadSchema> | undefined;

function resolveOptionDefinitions(file: TemplateFile, path: string, root: string): Template['options'] {
  const shared = readShared('options', root) as Record<string, OptionDefinition>;
  const own = file.options ?? {};
  const unknown = file.use?.find((name) => !(name in shared));
  if (unknown)
    throw new UserError(`${path}: use: there is no shared option '${unknown}' in _shared/options.yaml.`);
  const used = Object.keys(shared).filter((name) => file.use?.includes(name));
  const resolved: Record<string, Partial<OptionDefinition>> = {};
  for (const name of new Set([...used, ...Object.keys(own)]))
    resolved[name] = { ...(used.includes(name) ? shared[name] : {}), ...own[name] };
  for (const [name, { type, description }] of Object.entries(resolved))
    if (!type || !description)
      throw new UserError(`${path}: options.${name}: needs a type and a description.`);
  return resolved as Template['options'];
}

/** The parsed `templates/_shared/<name>.yaml`. */
export function readShared(name: string, root = templatesRoot()): unknown {
  const path = join(root, '_shared', `${name}.yaml`);
  return parseYaml(readFileSync(path, 'utf8'), path).value;
}
