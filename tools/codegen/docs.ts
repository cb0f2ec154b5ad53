import { renderGuide } from '../../packages/plugin/src/engine/render.ts';
import type { OptionDefinition, Template } from '../../packages/plugin/src/engine/template.ts';

/** docs/generators.md: the decision table, then each generator with its options and its guide. */
export function generatorsDocs(templates: readonly Template[]): string {
  return [
    '# Generators',
    '<!-- Written by `npm run generate` from templates/; do not edit. -->',
    decisionTable(templates),
    ...templates.map(section),
  ].join('\n\n');
}

function decisionTable(templates: readonly Template[]): string {
  const facts = [...new Set(templates.flatMap(({ decision }) => Object.keys(decision)))];
  return table(
    ['generator', 'mechanism', 'language', ...facts.map(spaced)],
    templates.map((template) => [
      `[\`${template.id}\`](#${template.id})`,
      template.mechanism,
      template.language,
      ...facts.map((fact) => template.decision[fact] ?? '–'),
    ]),
  );
}

function section(template: Template): string {
  return [
    `## ${template.id}`,
    `${template.title}. ${template.summary}`,
    `\`\`\`sh\nnx g @eg/plugin:${template.id} services/my-filter\n\`\`\``,
    table(
      ['option', 'default', 'meaning'],
      Object.entries(template.options).map(([name, option]) => [
        `\`--${name}\``,
        defaultOf(option),
        meaning(option),
      ]),
    ),
    // A guide is a document of its own, so its headings move two levels down here.
    renderGuide(template)
      .replace(/^#(?=#* )/gm, '###')
      .trim(),
  ].join('\n\n');
}

function defaultOf({ default: value }: OptionDefinition): string {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
    ? '–'
    : `\`${String(value)}\``;
}

function meaning({ description, enum: values }: OptionDefinition): string {
  return description.trim() + (values ? ` One of ${values.map((value) => `\`${value}\``).join(', ')}.` : '');
}

function spaced(fact: string): string {
  return fact.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
