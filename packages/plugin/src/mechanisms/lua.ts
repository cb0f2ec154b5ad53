import type { JsonObject } from '../lib/json.ts';
import {
  any,
  ENABLED,
  entryName,
  growth,
  refused,
  type Local,
  type Mechanism,
  type PolicyEntry,
  type Source,
} from './mechanism.ts';

/** One entry of `spec.lua`. Source: api/v1alpha1/lua_types.go of Envoy Gateway. */
interface LuaEntry {
  readonly type: 'Inline' | 'ValueRef';
  readonly inline?: string;
  readonly valueRef?: { readonly name: string };
  readonly filterContext?: JsonObject;
}

/** Envoy names a chunk by its first line: `[string "-- What Envoy does…"]:12:`. */
const CHUNK = /\[string "(.*?)(?:\.\.\.)?"\]:(\d+)/g;

/** Lua: a script that Envoy runs in LuaJIT. */
export const lua: Mechanism = {
  id: 'lua',
  title: 'Lua',
  artifact: 'source',
  field: 'lua',
  order: 13,
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['type'],
    properties: {
      type: { enum: ['Inline', 'ValueRef'] },
      inline: { type: 'string' },
      valueRef: {
        type: 'object',
        additionalProperties: false,
        required: ['group', 'kind', 'name'],
        properties: {
          group: { enum: ['', 'v1'] },
          kind: { enum: ['ConfigMap'] },
          name: { type: 'string', minLength: 1 },
        },
      },
      filterContext: { type: 'object' },
    },
  },

  translate(entry, local) {
    const { filterContext } = entry.value as unknown as LuaEntry;
    const source = script(entry, local);
    return {
      filter: `envoy.filters.http.lua/${entryName(entry, 'lua')}`,
      config: any('envoy.extensions.filters.http.lua.v3.Lua', {
        defaultSourceCode: { inlineString: source.text },
      }),
      perRoute: filterContext
        ? any('envoy.extensions.filters.http.lua.v3.LuaPerRoute', { filterContext })
        : ENABLED,
      clusters: [],
      source,
    };
  },

  ownWords: (message) => /^script log: (.*)$/s.exec(message)?.[1],

  locate: (message, sources) =>
    message.replace(CHUNK, (found, first: string, line: string) => {
      const source = sources.find(({ text }) => text.startsWith(first)) ?? sources[0];
      return source ? `${source.path}:${source.line - 1 + Number(line)}` : found;
    }),

  proveLoaded(before, after) {
    const runs = growth(before, after, /\.lua\.executions$/);
    const errors = growth(before, after, /\.lua\.errors$/);
    return {
      loaded: runs.grown > 0,
      evidence: `Envoy ran the script ${runs.grown} times (lua.executions), ${errors.grown} of them with an error (lua.errors)`,
    };
  },
};

function script(entry: PolicyEntry, local: Local): Source {
  const { type, inline, valueRef } = entry.value as unknown as LuaEntry;
  if ((inline !== undefined) !== (type === 'Inline') || (valueRef !== undefined) !== (type === 'ValueRef'))
    throw refused(entry, ['type'], `Inline goes with the field inline alone, ValueRef with valueRef alone.`);
  if (!valueRef) {
    const [path = '', line = 1] = entry.at(['inline']).split(/:(\d+):\d+$/);
    // A block scalar starts on the line after its `|`.
    const block = inline?.includes('\n') ? 1 : 0;
    return { text: inline ?? '', path, line: Number(line) + block };
  }
  const { name } = valueRef;
  const { data, files } = local.configMap(
    { name, namespace: entry.policy.namespace },
    entry.at(['valueRef', 'name']),
  );
  const [key] = 'lua' in data ? ['lua'] : Object.keys(data);
  const text = key === undefined ? undefined : data[key];
  if (key === undefined || text === undefined)
    throw refused(
      entry,
      ['valueRef', 'name'],
      `ConfigMap ${name} is empty; the script goes under the key lua.`,
    );
  return { text, path: files[key] ?? `ConfigMap ${name}`, line: 1 };
}
