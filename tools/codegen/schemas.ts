import { optionSchema } from '../../packages/plugin/src/engine/options.ts';
import type { OptionDefinition, Template } from '../../packages/plugin/src/engine/template.ts';

const EXPORT_FILE = './dist/generators/generated';

/** Name of a generator's function in the generated module. */
export const exportName = (id: string): string =>
  id.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** generators.json of the plugin. */
export function generatorsJson(templates: readonly Template[]): object {
  return {
    $schema: 'http://json-schema.org/schema',
    generators: {
      init: {
        factory: './dist/generators/init',
        schema: './schemas/init.json',
        description: 'Registers @eg/plugin in nx.json; `nx add @eg/plugin` runs it',
        hidden: true,
      },
      ...Object.fromEntries(
        templates.map((template) => [
          template.id,
          {
            factory: `${EXPORT_FILE}#${exportName(template.id)}`,
            schema: `./schemas/generators/${template.id}.json`,
            description: template.summary,
          },
        ]),
      ),
    },
  };
}

/** The Nx schema of one generator. */
export function generatorSchema(template: Template): object {
  return {
    $schema: 'https://json-schema.org/schema',
    $id: template.id,
    title: template.title,
    description: template.summary,
    type: 'object',
    properties: {
      directory: {
        type: 'string',
        description: 'Where the project goes, relative to the current directory, such as services/my-filter.',
        $default: { $source: 'argv', index: 0 },
        'x-prompt': 'In which directory? (e.g. services/my-filter)',
        'x-priority': 'important',
      },
      name: {
        type: 'string',
        description:
          'Name of the project and of its Kubernetes objects: a DNS label of lower-case letters, digits and `-`, at most 63 long. Default: the last part of the directory.',
        'x-priority': 'important',
      },
      ...Object.fromEntries(
        Object.entries(template.options).map(([name, option]) => [name, nxOption(option)]),
      ),
    },
    required: ['directory'],
    additionalProperties: false,
  };
}

function nxOption(option: OptionDefinition): object {
  const schema = optionSchema({ ...option, patternError: undefined });
  if (!option.prompt) return schema;
  const prompt = { 'x-prompt': option.prompt, 'x-priority': 'important' };
  return option.type === 'array' ? { ...listOrText(option), ...prompt } : { ...schema, ...prompt };
}

/**
 * Nx asks for text where a list is wanted, and then refuses the text; so a prompted list is also taken as text, with
 * commas. What its items must look like is left to the generator, since Nx would answer with the whole schema.
 */
function listOrText({ description, default: value }: OptionDefinition): object {
  return {
    type: 'string',
    description,
    default: String(value ?? ''),
    anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
  };
}

/** Schema of `eg-extension.yaml`, for editors and for inference. */
export function extensionSchema(templates: readonly Template[]): object {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'eg-extension.yaml: what an Envoy Gateway extension was generated from',
    type: 'object',
    required: ['generator', 'version', 'name'],
    additionalProperties: false,
    properties: {
      generator: { enum: templates.map(({ id }) => id), description: 'The generator that made the project.' },
      version: { type: 'string', description: 'Version of @eg/plugin that made the project.' },
      name: {
        type: 'string',
        description: 'Name of the project and of its Kubernetes objects.',
      },
      options: { type: 'object', description: 'What the generator was asked, after defaults.' },
    },
    allOf: templates.map((template) => ({
      if: { type: 'object', properties: { generator: { const: template.id } }, required: ['generator'] },
      then: {
        type: 'object',
        properties: {
          options: {
            type: 'object',
            additionalProperties: false,
            properties: Object.fromEntries(
              Object.entries(template.options).map(([name, option]) => [name, optionSchema(option)]),
            ),
          },
        },
      },
    })),
  };
}
