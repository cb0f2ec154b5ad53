import type { ErrorObject } from 'ajv';
import { UserError } from '../lib/errors.ts';
import { compileSchema, explain, isCause, keysOf } from '../lib/schema.ts';
import { mechanisms } from '../mechanisms/index.ts';
import { fieldName, type Mechanism, type PolicyEntry } from '../mechanisms/mechanism.ts';
import type { Resource } from './manifests.ts';

/** A policy whose fields have been checked. */
export interface Policy {
  readonly resource: Resource;
  readonly entries: readonly { readonly mechanism: Mechanism; readonly entry: PolicyEntry }[];
}

const KIND = 'EnvoyExtensionPolicy';

/**
 * Chooses the policy that the local stack loads: the one called `wanted`; by default the only one there is, or the one
 * that is named like the extension.
 * @param where what to call the manifests in messages
 * @throws UserError when there is none, or several and none of them stands out.
 */
export function choosePolicy(
  resources: readonly Resource[],
  extension: string,
  wanted: string | undefined,
  where: string,
): Resource {
  const policies = resources.filter(({ kind }) => kind === KIND);
  const named = policies.filter(({ name }) => name === (wanted ?? extension));
  const [first, second] = wanted === undefined && policies.length === 1 ? policies : named;
  if (first && !second) return first;
  const names = [...new Set(policies.map(({ name }) => name))].join(', ');
  if (!policies.length)
    throw new UserError(`${where}: there is no ${KIND}, so nothing says how Envoy loads the extension.`);
  if (second)
    throw new UserError(
      `${second.at([])}: a second ${KIND} is called ${second.name}; the first: ${first?.at([])}.`,
    );
  if (wanted !== undefined)
    throw new UserError(`${where}: there is no ${KIND} '${wanted}'. There are: ${names}.`);
  throw new UserError(
    `${where}: there are several policies (${names}) and none is called ${extension}. Choose one with --policy=<name>.`,
  );
}

/**
 * Checks the fields of a policy and lists its entries in the order of their filters.
 * @throws UserError listing every mistake, with file, line and field; a field that only Envoy Gateway supports is one.
 */
export function readPolicy(resource: Resource): Policy {
  if (!(validate ??= compileSchema(schema()))(resource.value)) {
    const problems = (validate.errors ?? []).filter(isCause).map((error) => {
      const keys = keysOf(error);
      return `${resource.at(keys)}: ${fieldName(keys) || KIND}: ${reason(error)}`;
    });
    throw new UserError([...new Set(problems)].join('\n'));
  }
  const { name, namespace } = resource;
  const spec = resource.value['spec'] as Readonly<Record<string, PolicyEntry['value'][] | undefined>>;
  const entries = mechanisms.flatMap((mechanism) =>
    (spec[mechanism.field] ?? []).map((value, index) => ({
      mechanism,
      entry: {
        policy: { name, namespace },
        index,
        value,
        at: (keys: readonly (string | number)[]) => resource.at(['spec', mechanism.field, index, ...keys]),
      },
    })),
  );
  const order = ({ mechanism, entry }: (typeof entries)[number]) => mechanism.order + entry.index;
  return { resource, entries: entries.sort((a, b) => order(a) - order(b)) };
}

const reason = (error: ErrorObject): string =>
  error.keyword === 'false schema'
    ? 'Envoy Gateway has this field, but the local stack does not support it.'
    : explain(error);

let validate: ReturnType<typeof compileSchema> | undefined;

// Which requests a policy concerns is Envoy Gateway's business: here one route matches them all, and there is no
// policy of a parent that this one could be merged into.
const ATTACHMENT = { targetRef: {}, targetRefs: {}, targetSelectors: {}, mergeType: {} };

/** Source: api/v1alpha1/envoyextensionypolicy_types.go of Envoy Gateway. */
const schema = (): object => ({
  type: 'object',
  required: ['spec'],
  properties: {
    apiVersion: { const: 'gateway.envoyproxy.io/v1alpha1' },
    spec: {
      type: 'object',
      additionalProperties: false,
      properties: {
        ...ATTACHMENT,
        dynamicModule: false,
        ...Object.fromEntries(
          mechanisms.map(({ field, schema }) => [field, { type: 'array', maxItems: 16, items: schema }]),
        ),
      },
    },
  },
});
