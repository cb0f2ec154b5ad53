import { UserError } from '../lib/errors.ts';
import { findResource, type Resource } from '../gateway/manifests.ts';

/** A program of the project, as a Deployment runs it. */
export interface Workload {
  readonly resource: Resource;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

type Labels = Readonly<Record<string, unknown>>;

interface Container {
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly {
    readonly prefix?: string;
    readonly configMapRef?: { readonly name: string; readonly optional?: boolean };
    readonly secretRef?: { readonly name: string; readonly optional?: boolean };
  }[];
}

interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly configMapKeyRef?: { readonly name: string; readonly key: string; readonly optional?: boolean };
  } & Readonly<Record<string, { readonly optional?: boolean } | undefined>>;
}

const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet'];

/**
 * The program behind a Service: the first container of the workload whose pods the Service selects.
 * @param at place of the reference to the Service, for messages
 * @param where what to call the manifests in messages
 * @throws UserError when the manifests do not have it all, or a value is only known to a cluster
 */
export function readWorkload(
  resources: readonly Resource[],
  { name, namespace, port }: { name: string; namespace: string; port: number },
  at: string,
  where: string,
): Workload {
  const service = findResource(resources, 'Service', { name, namespace });
  if (!service)
    throw new UserError(`${at}: there is no Service ${name} in namespace ${namespace} in ${where}.`);
  const { selector, ports = [] } = (service.value['spec'] ?? {}) as {
    selector?: Labels;
    ports?: { port: number }[];
  };
  if (!ports.some((candidate) => candidate.port === port))
    throw new UserError(
      `${at}: Service ${name} has no port ${port}, only ${ports.map(({ port }) => port).join(', ')} (${service.at(['spec', 'ports'])}).`,
    );
  const workloads = resources.filter(
    (resource) =>
      KINDS.includes(resource.kind) &&
      resource.namespace === namespace &&
      selects(selector, podOf(resource).labels),
  );
  const [resource, second] = workloads;
  if (!resource || second)
    throw new UserError(
      `${service.at(['spec', 'selector'])}: Service ${name} must select the pods of one Deployment; it selects those of ${workloads.length}.`,
    );
  const [container] = podOf(resource).containers;
  if (!container)
    throw new UserError(`${resource.at(['spec'])}: ${resource.kind} ${resource.name} has no container.`);
  const env = readEnvironment(resource, container, resources);
  // The image's entry point is the program that `build` made, and so is the first word of `command`.
  const args = [...(container.command?.slice(1) ?? []), ...(container.args ?? [])];
  return { resource, env, args: args.map((arg) => expand(arg, env)) };
}

function podOf({ value }: Resource): { labels: Labels; containers: readonly Container[] } {
  const { template } = (value['spec'] ?? {}) as {
    template?: { metadata?: { labels?: Labels }; spec?: { containers?: Container[] } };
  };
  return { labels: template?.metadata?.labels ?? {}, containers: template?.spec?.containers ?? [] };
}

const selects = (selector: Labels | undefined, labels: Labels): boolean =>
  selector !== undefined &&
  Object.keys(selector).length > 0 &&
  Object.entries(selector).every(([key, value]) => labels[key] === value);

const CONTAINER = ['spec', 'template', 'spec', 'containers', 0];

function readEnvironment(
  resource: Resource,
  { env = [], envFrom = [] }: Container,
  resources: readonly Resource[],
): Record<string, string> {
  const values: Record<string, string> = {};
  const data = (name: string) => {
    const { namespace } = resource;
    return findResource(resources, 'ConfigMap', { name, namespace })?.value['data'] as
      Readonly<Record<string, string>> | undefined;
  };
  for (const [index, { configMapRef, secretRef, prefix = '' }] of envFrom.entries()) {
    const keys = data(configMapRef?.name ?? '');
    for (const [key, value] of Object.entries(keys ?? {})) values[prefix + key] = value;
    if (keys || configMapRef?.optional || secretRef?.optional) continue;
    const at = resource.at([...CONTAINER, 'envFrom', index]);
    throw new UserError(
      configMapRef
        ? `${at}: there is no ConfigMap ${configMapRef.name} among the manifests.`
        : `${at}: the local stack knows no Secret ${secretRef?.name ?? ''}. List its keys under env, and set them in your environment.`,
    );
  }
  for (const [index, { name, value, valueFrom }] of env.entries()) {
    const { configMapKeyRef } = valueFrom ?? {};
    const found = valueFrom
      ? ((configMapKeyRef && data(configMapKeyRef.name)?.[configMapKeyRef.key]) ?? process.env[name])
      : expand(value ?? '', values);
    if (found !== undefined) values[name] = found;
    else if (!Object.values(valueFrom ?? {}).some((source) => source?.optional))
      throw new UserError(
        `${resource.at([...CONTAINER, 'env', index])}: only a cluster knows the value of ${name}. For the local stack, set ${name} in your environment.`,
      );
  }
  return values;
}

/** `$(NAME)` of an earlier variable; `$$` is a dollar sign. Source: the description of `env.value` in Kubernetes' API. */
const expand = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\$(\$|\((\w[\w.-]*)\))/g, (found, what: string, name: string) =>
    what === '$' ? '$' : (values[name] ?? found),
  );
