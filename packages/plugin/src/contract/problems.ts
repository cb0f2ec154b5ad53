import type { ErrorObject, ValidateFunction } from 'ajv';
import { isMap, isScalar } from 'yaml';
import { UserError, messageOf } from '../lib/errors.ts';
import { explain, isCause, keysOf } from '../lib/schema.ts';
import type { Located } from '../lib/yaml.ts';
import { nearest } from './nearest.ts';

type Keys = readonly (string | number)[];

/** The mistakes in one YAML document, so that all of them are reported at once. */
export class Problems {
  readonly #document: Located;
  readonly #text: string;
  readonly #path: string;
  readonly #found: { keys: Keys; message: string }[] = [];

  constructor(document: Located, text: string, path: string) {
    this.#document = document;
    this.#text = text;
    this.#path = path;
  }

  /** Notes a mistake in the field that `keys` lead to. */
  add(keys: Keys, message: string): void {
    this.#found.push({ keys, message });
  }

  /** Notes what the schema finds. */
  addSchema(validate: ValidateFunction): void {
    if (validate(this.#document.value)) return;
    const errors = (validate.errors ?? []).filter(isOwnCause);
    for (const error of errors) {
      // That no alternative fits is worth saying only where nothing more exact is known.
      const vague = error.keyword === 'anyOf' || error.keyword === 'oneOf';
      const exact = ({ instancePath, keyword }: ErrorObject) =>
        instancePath === error.instancePath && !['anyOf', 'oneOf'].includes(keyword);
      if (!(vague && errors.some(exact))) this.add(fieldOf(error), this.#explain(error));
    }
  }

  /** What `make` returns; what it throws is noted as a mistake in the field that `keys` lead to. */
  catch<T>(keys: Keys, make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      this.add(keys, messageOf(error));
      return undefined;
    }
  }

  /** @throws UserError listing what was noted, in the order of the file. */
  throwIfAny(): void {
    if (!this.#found.length) return;
    const lines = this.#found
      .map(({ keys, message }) => ({ offset: this.#offset(keys), keys, message }))
      .sort((a, b) => a.offset - b.offset)
      .map(({ keys, message }) => `${this.position(keys)}: ${keys.join('.') || 'the contract'}: ${message}`);
    throw new UserError([...new Set(lines)].join('\n'));
  }

  /** `path:line:column` of the field that `keys` lead to, or of the nearest parent that is there. */
  position(keys: Keys): string {
    const before = this.#text.slice(0, this.#offset(keys)).split('\n');
    return `${this.#path}:${before.length}:${(before.at(-1) ?? '').length + 1}`;
  }

  /** Where the name of the field stands; for an item of a list, where the item begins. */
  #offset(keys: Keys): number {
    const root = this.#document.document;
    for (let depth = keys.length; depth > 0; depth--) {
      const parent = depth === 1 ? root.contents : root.getIn(keys.slice(0, depth - 1), true);
      const name = String(keys[depth - 1]);
      const key = isMap(parent)
        ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === name)?.key
        : root.getIn(keys.slice(0, depth), true);
      const range = (key as { range?: [number, number, number] } | undefined)?.range;
      if (range) return range[0];
    }
    return root.contents?.range[0] ?? 0;
  }

  #explain(error: ErrorObject): string {
    switch (error.keyword) {
      case 'additionalProperties': {
        const known = Object.keys((error.parentSchema as { properties: object }).properties);
        const meant = nearest(String(error.params['additionalProperty']), known);
        return meant ? `there is no such field; did you mean ${meant}?` : explain(error);
      }
      case 'type':
        return mustBe(
          [error.params['type'] as string | string[]].flat(),
          valueAt(this.#document.value, keysOf(error)),
        );
      case 'anyOf':
        return 'says nothing about upstream or response, so it cannot fail; add what must be seen';
      case 'oneOf':
        return 'must be text, or one of base64, file, size, chunks';
      case 'dependencies':
        return `also needs ${String(error.params['missingProperty'])}`;
      case 'minProperties':
        return 'is empty; say what is expected, or leave it out';
      case 'minItems':
        return 'is an empty list, so it cannot fail; add an item';
      case 'maxProperties':
        return 'absent stands alone';
      case 'enum':
        return 'must be true, or be left out';
      default:
        return explain(error);
    }
  }
}

/** Inside of anyOf and oneOf each alternative complains, and so does what contains a bad property name. */
const isOwnCause = (error: ErrorObject): boolean =>
  isCause(error) && error.keyword !== 'propertyNames' && !/\/(anyOf|oneOf)\//.test(error.schemaPath);

const fieldOf = (error: ErrorObject): Keys =>
  error.propertyName === undefined ? keysOf(error) : [...keysOf(error), error.propertyName];

function valueAt(value: unknown, keys: Keys): unknown {
  return keys.reduce<unknown>((parent, key) => (parent as Record<string | number, unknown>)[key], value);
}

const NAMES: Record<string, string> = {
  string: 'text',
  array: 'a list',
  object: 'a map',
  integer: 'a whole number',
  boolean: 'true or false',
};

function mustBe(types: readonly string[], value: unknown): string {
  if (value === null)
    return types.includes('string')
      ? 'is empty; write "" for an empty text'
      : 'is empty; fill it in or leave it out';
  if (types.includes('string') && (typeof value === 'number' || typeof value === 'boolean'))
    return `must be text, and YAML reads ${String(value)} as something else; put it in quotes: "${String(value)}"`;
  return `must be ${types.map((type) => NAMES[type] ?? type).join(' or ')}`;
}
