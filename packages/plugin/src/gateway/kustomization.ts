import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSchema, compileSchema } from '../lib/schema.ts';
import { parseYaml, type Located } from '../lib/yaml.ts';

/** File names that kustomize looks for, in its order. */
export const KUSTOMIZATION_FILES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** The fields of a kustomization that this plugin reads itself. */
export interface Kustomization {
  readonly resources?: readonly string[];
  readonly namespace?: string;
  readonly configMapGenerator?: readonly ConfigMapGenerator[];
  readonly generatorOptions?: GeneratorOptions;
}

export interface ConfigMapGenerator {
  readonly name: string;
  readonly namespace?: string;
  readonly files?: readonly string[];
  readonly literals?: readonly string[];
  readonly options?: GeneratorOptions;
}

interface GeneratorOptions {
  readonly disableNameSuffixHash?: boolean;
}

// What the plugin reads, and what changes nothing of what it uses (labels, annotations, and the images of containers
// whose programs run here as they were built).
const FIELDS = [
  'apiVersion kind metadata resources namespace configMapGenerator generatorOptions',
  'labels commonLabels commonAnnotations images buildMetadata sortOptions',
]
  .join(' ')
  .split(' ');
const GENERATOR_FIELDS = ['name', 'namespace', 'files', 'literals', 'options'];
const OPTION_FIELDS = ['disableNameSuffixHash', 'labels', 'annotations', 'immutable'];

const STRINGS = { type: 'array', items: { type: 'string' } };
const OPTIONS = { type: 'object', properties: { disableNameSuffixHash: { type: 'boolean' } } };
const schema = {
  type: 'object',
  properties: {
    resources: STRINGS,
    namespace: { type: 'string' },
    generatorOptions: OPTIONS,
    configMapGenerator: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string' },
          namespace: { type: 'string' },
          files: STRINGS,
          literals: STRINGS,
          options: OPTIONS,
        },
      },
    },
  },
};
let validate: ReturnType<typeof compileSchema> | undefined;

/**
 * Reads a kustomization, and finds the first field in it that only kustomize itself understands.
 * Fields: “The Kustomization File”, kubectl.docs.kubernetes.io/references/kustomize.
 */
export function readKustomization(
  directory: string,
  file: string,
): { kustomization: Kustomization; document: Located; unknown?: { field: string; at: string } } {
  const path = join(directory, file);
  const document = withoutNull(parseYaml(readFileSync(path, 'utf8'), path));
  checkSchema((validate ??= compileSchema(schema)), document);
  const kustomization = document.value as Kustomization;
  const keys = firstUnknown(kustomization);
  return {
    kustomization,
    document,
    ...(keys && { unknown: { field: keys.join('.'), at: document.at(keys) } }),
  };
}

/** A field without a value (`resources:`) is one that is left out, as it is for kustomize. */
function withoutNull(document: Located): Located {
  const { value } = document;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return document;
  return {
    ...document,
    value: Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null)),
  };
}

function firstUnknown(kustomization: Kustomization): (string | number)[] | undefined {
  const outside = (value: object | undefined, known: string[]) =>
    Object.keys(value ?? {}).find((key) => !known.includes(key));
  const field = outside(kustomization, FIELDS);
  if (field) return [field];
  const option = outside(kustomization.generatorOptions, OPTION_FIELDS);
  if (option) return ['generatorOptions', option];
  const remote = kustomization.resources?.findIndex((entry) => /:\/\/|[?]ref=|^[\w.-]+@/.test(entry)) ?? -1;
  if (remote >= 0) return ['resources', remote];
  for (const [index, generator] of (kustomization.configMapGenerator ?? []).entries()) {
    const unknown = outside(generator, GENERATOR_FIELDS);
    if (unknown) return ['configMapGenerator', index, unknown];
    const unknownOption = outside(generator.options, OPTION_FIELDS);
    if (unknownOption) return ['configMapGenerator', index, 'options', unknownOption];
  }
  return undefined;
}
