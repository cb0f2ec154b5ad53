import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { UserError } from '../lib/errors.ts';
import { run } from '../lib/exec.ts';
import { which } from '../lib/which.ts';
import { parseYamlStream, type Located } from '../lib/yaml.ts';
import {
  KUSTOMIZATION_FILES,
  readKustomization,
  type ConfigMapGenerator,
  type Kustomization,
} from './kustomization.ts';

/** One Kubernetes resource, with the place it was read from. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly value: Readonly<Record<string, unknown>>;
  /** `file:line:column` of the value at `keys`. */
  readonly at: (keys: readonly (string | number)[]) => string;
  /** For a generated ConfigMap: the file that each key was read from. */
  readonly files?: Readonly<Record<string, string>>;
  /** Whether kustomize appends a hash to the name, which it then does in the references that it knows. */
  readonly hashed?: boolean;
}

/**
 * Reads what `kustomize build directory` yields, as far as generated projects use it: `resources` (files and
 * directories), `configMapGenerator`, `namespace`. Labels, annotations and images are left as the files have them.
 * For any other field the program `kustomize` or `kubectl` is asked.
 * @throws UserError naming file, line and field.
 */
export async function readManifests(directory: string): Promise<Resource[]> {
  try {
    const resources = readDirectory(directory, []);
    refuseTwins(resources);
    return resources;
  } catch (error) {
    if (!(error instanceof NeedsKustomize)) throw error;
    return build(directory, error.message);
  }
}

/** The resource of this kind and name; undefined when there is none. */
export const findResource = (
  resources: readonly Resource[],
  kind: string,
  { name, namespace }: { name: string; namespace: string },
): Resource | undefined =>
  resources.find(
    (resource) => resource.kind === kind && resource.name === name && resource.namespace === namespace,
  );

/** A kustomization has a field that only kustomize understands. */
class NeedsKustomize extends Error {}

function readDirectory(directory: string, above: readonly string[]): Resource[] {
  const file = KUSTOMIZATION_FILES.find((name) => existsSync(join(directory, name)));
  if (!file) throw new UserError(`${directory} has no kustomization.yaml.`);
  if (above.includes(realpathSync(directory)))
    throw new UserError(`${join(directory, file)}: its resources lead back to itself.`);
  const { kustomization, document, unknown } = readKustomization(directory, file);
  if (unknown) throw new NeedsKustomize(`${unknown.at}: ${unknown.field}`);

  const inner = [...above, realpathSync(directory)];
  const resources = (kustomization.resources ?? []).flatMap((entry, index) =>
    readEntry(directory, entry, document.at(['resources', index]), inner),
  );
  const generated = (kustomization.configMapGenerator ?? []).map((generator, index) =>
    generate(directory, generator, kustomization, document, index),
  );
  const { namespace } = kustomization;
  return [...resources, ...generated].map((resource) => (namespace ? { ...resource, namespace } : resource));
}

function readEntry(directory: string, entry: string, at: string, above: readonly string[]): Resource[] {
  const path = join(directory, entry);
  if (!existsSync(path)) throw new UserError(`${at}: resources: ${path} does not exist.`);
  if (statSync(path).isDirectory()) return readDirectory(path, above);
  refuseOutside(directory, path, `${at}: resources`);
  return parseYamlStream(readFileSync(path, 'utf8'), path).flatMap(resourcesOf);
}

// kustomize: “security; file is not in or below” the directory of the kustomization.
function refuseOutside(directory: string, path: string, what: string): void {
  if (relative(realpathSync(directory), realpathSync(path)).startsWith(`..${sep}`))
    throw new UserError(
      `${what}: kustomize reads no file from outside ${directory}. Give ${path} a kustomization of its own and list its directory.`,
    );
}

interface Manifest {
  apiVersion?: unknown;
  kind?: unknown;
  metadata?: { name?: unknown; namespace?: unknown } | null;
  items?: unknown;
}

function resourcesOf({ value, at }: Located): Resource[] {
  const { kind, items } = value as Manifest;
  if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items))
    return items.map((item, index) => resource(item, (keys) => at(['items', index, ...keys])));
  return [resource(value, at)];
}

function resource(value: unknown, at: Resource['at']): Resource {
  const { apiVersion, kind, metadata } = (value ?? {}) as Manifest;
  const { name, namespace } = metadata ?? {};
  for (const [field, text] of Object.entries({ apiVersion, kind, 'metadata.name': name }))
    if (typeof text !== 'string' || text === '')
      throw new UserError(`${at(field.split('.'))}: ${field}: a Kubernetes resource needs this text.`);
  return {
    apiVersion: apiVersion as string,
    kind: kind as string,
    name: name as string,
    namespace: typeof namespace === 'string' ? namespace : 'default',
    value: value as Record<string, unknown>,
    at,
  };
}

function generate(
  directory: string,
  generator: ConfigMapGenerator,
  { generatorOptions }: Kustomization,
  document: Located,
  index: number,
): Resource {
  const data: Record<string, string> = {};
  const files: Record<string, string> = {};
  const at = (keys: readonly (string | number)[]) => document.at(['configMapGenerator', index, ...keys]);
  for (const [position, entry] of (generator.files ?? []).entries()) {
    const [, key, file = entry] = /^([^=]*)=(.*)$/s.exec(entry) ?? [];
    const path = join(directory, file);
    if (!existsSync(path)) throw new UserError(`${at(['files', position])}: files: ${path} does not exist.`);
    refuseOutside(directory, path, `${at(['files', position])}: files`);
    data[key ?? basename(file)] = readFileSync(path, 'utf8');
    files[key ?? basename(file)] = path;
  }
  for (const literal of generator.literals ?? []) {
    const [, key = literal, text = ''] = /^([^=]*)=(.*)$/s.exec(literal) ?? [];
    data[key] = text.replace(/^(['"])(.*)\1$/s, '$2');
  }
  const { disableNameSuffixHash = false } = { ...generatorOptions, ...generator.options };
  const { name, namespace = 'default' } = generator;
  const value = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
  return { ...resource(value, at), files, hashed: !disableNameSuffixHash };
}

function refuseTwins(resources: readonly Resource[]): void {
  const seen = new Map<string, Resource>();
  for (const next of resources) {
    const id = [next.apiVersion.replace(/[^/]*$/, ''), next.kind, next.namespace, next.name].join(' ');
    const first = seen.get(id);
    if (first)
      throw new UserError(`${next.at([])}: ${next.kind} ${next.name} is there already: ${first.at([])}.`);
    seen.set(id, next);
  }
}

/** What the user's own kustomize makes of the directory. */
async function build(directory: string, field: string): Promise<Resource[]> {
  const command = which('kustomize') ? 'kustomize' : which('kubectl') ? 'kubectl' : undefined;
  if (!command)
    throw new UserError(
      `${field}: only kustomize itself reads this field. Install kustomize (https://kubectl.docs.kubernetes.io/installation/kustomize/) or kubectl, or leave the field out of what runs locally.`,
    );
  const args = command === 'kustomize' ? ['build', directory] : ['kustomize', directory];
  const { code, stdout, stderr } = await run({ command, args });
  if (code !== 0) throw new UserError(`\`${command} ${args.join(' ')}\` failed:\n${stderr.trim()}`);
  return parseYamlStream(stdout, `output of ${command} ${args.join(' ')}`).flatMap(resourcesOf);
}
