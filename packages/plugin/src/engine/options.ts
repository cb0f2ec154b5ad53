import { UserError } from '../lib/errors.ts';
import { compileSchema, explain, keysOf } from '../lib/schema.ts';
import type { OptionValues } from './extension.ts';
import type { OptionDefinition, Template } from './template.ts';

/** The JSON Schema of one option. */
export function optionSchema(option: OptionDefinition): Record<string, unknown> {
  const { type, description, pattern, patternError, maxLength, maxItems, minimum, maximum } = option;
  const scalar = defined({ enum: option.enum, pattern, patternError, maxLength });
  return {
    type,
    description,
    ...(type === 'array' ? { items: { type: 'string', ...scalar }, uniqueItems: true } : scalar),
    ...defined({ default: option.default, maxItems, minimum, maximum }),
  };
}

/**
 * Applies defaults and checks `given` against the template's own definitions.
 * @param given what the user said; lists may also come as one comma-separated string
 * @throws UserError with every mistake: the option, what is wrong, and what is allowed.
 */
export function resolveOptions(template: Template, given: Record<string, unknown>): OptionValues {
  const values: OptionValues = {};
  for (const [name, option] of Object.entries(template.options)) {
    const value = listOf(option, given[name] ?? option.default);
    if (value !== undefined) values[name] = value as OptionValues[string];
  }
  const properties = Object.fromEntries(
    Object.entries(template.options).map(([name, option]) => [name, optionSchema(option)]),
  );
  const validate = compileSchema({ type: 'object', properties, additionalProperties: false });
  if (!validate(values)) {
    const problems = (validate.errors ?? []).map((error) => {
      const [name, index] = keysOf(error);
      const bad =
        index === undefined ? values[name as string] : (values[name as string] as string[])[Number(index)];
      return `--${name} ${JSON.stringify(bad)}: ${explain(error)}`;
    });
    throw new UserError(problems.join('\n'));
  }
  refuseCombinations(template, values);
  return values;
}

function refuseCombinations(template: Template, values: OptionValues): void {
  for (const { when, because } of template.refuse) {
    if (!Object.entries(when).every(([name, value]) => holds(values[name], value))) continue;
    const flags = Object.keys(when).map((name) => `--${name}=${String(values[name])}`);
    throw new UserError(`${flags.join(' with ')} is refused: ${because}`);
  }
}

/** A list that came as text with commas, as a list; anything else as it is. */
export function listOf({ type }: OptionDefinition, value: unknown): unknown {
  return type === 'array' && typeof value === 'string' ? value.split(',').filter(Boolean) : value;
}

/** Whether an option has the value that a `refuse` names; `some` stands for any item in a list. */
function holds(actual: OptionValues[string] | undefined, value: OptionValues[string]): boolean {
  return Array.isArray(actual) ? value === 'some' && actual.length > 0 : actual === value;
}

function defined(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
