import { parse as parseToml } from 'smol-toml';
import { parseAllDocuments } from 'yaml';
import { UserError, messageOf } from '../lib/errors.ts';

const parsers: Record<string, (text: string) => void> = {
  json: (text) => void JSON.parse(text),
  toml: (text) => void parseToml(text),
  yaml: parseYaml,
  yml: parseYaml,
};

function parseYaml(text: string): void {
  for (const document of parseAllDocuments(text)) if (document.errors[0]) throw document.errors[0];
}

/**
 * Parses a rendered file again, so that no option can make a broken one.
 * @throws UserError naming the template and the file.
 */
export function checkSyntax(path: string, content: string, templateId: string): void {
  const parse = parsers[path.split('.').pop() ?? ''];
  try {
    parse?.(content);
  } catch (error) {
    throw new UserError(
      `Template ${templateId} made a broken ${path}, so nothing was written: ${messageOf(error)}\n` +
        `This is a defect of @eg/plugin; please report it with the options you gave.`,
    );
  }
}
