import type { OptionDefinition, Template } from '../../packages/plugin/src/engine/template.ts';
import { exportName } from './schemas.ts';

/** The TypeScript module with one generator function, and the type of its options, per template. */
export function generatorModule(templates: readonly Template[]): string {
  return [
    '// Written by `npm run generate` from templates/*/template.yaml; do not edit.',
    "import type { GeneratorCallback, Tree } from '@nx/devkit';\nimport { fromTemplate, type CommonOptions } from './from-template.ts';",
    ...templates.map(generator),
  ].join('\n\n');
}

function generator(template: Template): string {
  const name = exportName(template.id);
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Options`;
  const fields = Object.entries(template.options).map(
    ([option, definition]) => `${comment(definition)}\n  ${option}?: ${typeOf(definition)};`,
  );
  return [
    `/** Options of generator \`${template.id}\`: ${template.title}. */`,
    `export interface ${type} extends CommonOptions {`,
    ...fields,
    '}',
    '',
    `/** ${template.summary} */`,
    `export const ${name}: (tree: Tree, options: ${type}) => Promise<GeneratorCallback> = fromTemplate('${template.id}');`,
  ].join('\n');
}

function comment({ description, default: value }: OptionDefinition): string {
  return `/** ${description.trim()}${value === undefined ? '' : ` Default: ${JSON.stringify(value)}.`} */`;
}

function typeOf({ type, enum: values }: OptionDefinition): string {
  const scalar = values
    ? values.map((value) => `'${value}'`).join(' | ')
    : type === 'array'
      ? 'string'
      : type;
  return type === 'array' ? `(${scalar})[]` : scalar;
}
