import { UserError } from '../lib/errors.ts';
import { findResource, type Resource } from '../gateway/manifests.ts';
import { choosePolicy, readPolicy } from '../gateway/policy.ts';
import type { Mechanism, Translation } from '../mechanisms/mechanism.ts';
import { readWorkload, type Workload } from './workload.ts';

/** What the local stack runs, as the project's manifests say. */
export interface StackPlan {
  /** The filters, in the order of Envoy Gateway's chain. */
  readonly translations: readonly Translation[];
  /** The process that the policy's entries call; undefined when they call none. */
  readonly workload: Workload | undefined;
}

/** Where the artefacts are on this computer. */
export interface Artefacts {
  /** Unix socket that the process listens on. */
  readonly socket: string;
  /** Path of the built Wasm module. */
  readonly module: () => string;
}

/**
 * Plans the stack of an extension.
 * @param where what to call the manifests in messages
 * @throws UserError naming file, line and field of what is missing, wrong, or not supported here.
 */
export function planStack(
  resources: readonly Resource[],
  extension: { readonly name: string; readonly mechanism: Mechanism; readonly policy?: string },
  artefacts: Artefacts,
  where: string,
): StackPlan {
  const policy = readPolicy(choosePolicy(resources, extension.name, extension.policy, where));
  const { field } = extension.mechanism;
  if (!policy.entries.some(({ mechanism }) => mechanism === extension.mechanism))
    throw new UserError(
      `${policy.resource.at(['spec', field])}: spec.${field} has no entry, so Envoy does not load the extension.`,
    );
  let workload: Workload | undefined;
  const translations = policy.entries.map(({ mechanism, entry }) =>
    mechanism.translate(entry, {
      module: artefacts.module,
      service(reference, at) {
        workload = sameWorkload(workload, readWorkload(resources, reference, at, where), at);
        return artefacts.socket;
      },
      configMap: ({ name, namespace }, at) => configMap(resources, name, namespace, at, where),
    }),
  );
  return { translations, workload };
}

/** The project has one program, so every Service that its policy names must lead to the same process. */
function sameWorkload(first: Workload | undefined, next: Workload, at: string): Workload {
  if (first && first.resource !== next.resource)
    throw new UserError(
      `${at}: this Service leads to ${next.resource.kind} ${next.resource.name}, another one to ${first.resource.name}; the local stack runs one program.`,
    );
  return next;
}

function configMap(
  resources: readonly Resource[],
  name: string,
  namespace: string,
  at: string,
  where: string,
) {
  const found = findResource(resources, 'ConfigMap', { name, namespace });
  if (!found)
    throw new UserError(`${at}: there is no ConfigMap ${name} in namespace ${namespace} in ${where}.`);
  if (found.hashed)
    throw new UserError(
      `${at}: kustomize appends a hash to the name of ConfigMap ${name}, but not to this reference. Set options.disableNameSuffixHash: true where it is generated (${found.at([])}).`,
    );
  const data = (found.value['data'] ?? {}) as Record<string, string>;
  return { data, files: found.files ?? {} };
}
