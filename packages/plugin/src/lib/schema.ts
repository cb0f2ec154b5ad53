import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from './errors.ts';
import { pluginPackageJson } from './paths.ts';
import type { Located } from './yaml.ts';

// `verbose` gives each error its schema, where `explain` finds patternError and the fields that there are.
const ajv = new Ajv({
  allErrors: true,
  allowUnionTypes: true,
  strict: true,
  strictRequired: false,
  verbose: true,
});
// Nx's own keywords in generator schemas, and ours: `patternError` says in words what a `pattern` wants.
ajv.addVocabulary(['patternError', 'x-prompt', 'x-priority', 'x-deprecated', '$default']);

/** Compiles a JSON Schema (draft-07). */
export const compileSchema = (schema: object): ValidateFunction => ajv.compile(schema);

/** Reads and compiles one of the published schemas (`schemas/<name>.json` of this package). */
export function loadSchema(name: string): ValidateFunction {
  const path = join(dirname(pluginPackageJson()), 'schemas', `${name}.json`);
  return compileSchema(JSON.parse(readFileSync(path, 'utf8')) as object);
}

/**
 * Checks a document against a schema.
 * @throws UserError listing every mistake as `path:line:column: field: what is wrong`.
 */
export function checkSchema(validate: ValidateFunction, document: Located): void {
  if (validate(document.value)) return;
  const problems = (validate.errors ?? []).filter(isCause).map((error) => {
    const keys = keysOf(error);
    return `${document.at(keys)}: ${keys.join('.') || 'the document'}: ${explain(error)}`;
  });
  throw new UserError([...new Set(problems)].join('\n'));
}

/** `if` fails only because something inside it did, which is reported on its own. */
export const isCause = (error: ErrorObject): boolean => error.keyword !== 'if';

/** The keys that lead to what an error is about; for an unknown field, to that field. */
export function keysOf(error: ErrorObject): (string | number)[] {
  const keys = error.instancePath
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
  const unknown = error.params['additionalProperty'] as string | undefined;
  return unknown === undefined ? keys : [...keys, unknown];
}

/** What is wrong, in words. */
export function explain(error: ErrorObject): string {
  const schema = error.parentSchema as { patternError?: string; properties?: object } | undefined;
  switch (error.keyword) {
    case 'additionalProperties': {
      const known = Object.keys(schema?.properties ?? {});
      return `there is no such field${known.length ? `; the fields here are ${known.join(', ')}` : ''}`;
    }
    case 'enum':
      return `must be one of ${(error.params['allowedValues'] as unknown[]).join(', ')}`;
    case 'required':
      return `the field ${String(error.params['missingProperty'])} is missing`;
    case 'pattern':
      return schema?.patternError ?? `must match ${String(error.params['pattern'])}`;
    default:
      return error.message ?? error.keyword;
  }
}
