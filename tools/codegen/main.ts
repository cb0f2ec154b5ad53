/**
 * Writes every file that is derived from templates/: `npm run generate`. With `--check` it writes nothing and fails
 * when a file on disk differs from what would be written.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { loadTemplate, templateIds } from '../../packages/plugin/src/engine/template.ts';
import { generatorsDocs } from './docs.ts';
import { generatorModule } from './generator-module.ts';
import { extensionSchema, generatorSchema, generatorsJson } from './schemas.ts';

const repository = join(import.meta.dirname, '..', '..');
const plugin = join(repository, 'packages', 'plugin');
const schemas = join(plugin, 'schemas', 'generators');
const check = process.argv.includes('--check');

const templates = templateIds().map((id) => loadTemplate(id));
const files = new Map<string, string>([
  [join(plugin, 'generators.json'), json(generatorsJson(templates))],
  [join(plugin, 'schemas', 'eg-extension.json'), json(extensionSchema(templates))],
  [join(plugin, 'src', 'generators', 'generated.ts'), generatorModule(templates)],
  [join(repository, 'docs', 'generators.md'), generatorsDocs(templates)],
  ...templates.map((template): [string, string] => [
    join(schemas, `${template.id}.json`),
    json(generatorSchema(template)),
  ]),
]);

const stale = existsSync(schemas)
  ? readdirSync(schemas)
      .map((name) => join(schemas, name))
      .filter((path) => !files.has(path))
  : [];
const different: string[] = [...stale];
for (const [path, text] of files) {
  const wanted = await format(text, { ...(await resolveConfig(path)), filepath: path });
  if (existsSync(path) && readFileSync(path, 'utf8') === wanted) continue;
  different.push(path);
  if (check) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, wanted);
}
if (!check) stale.forEach((path) => rmSync(path));

const names = different.map((path) => relative(repository, path)).join('\n  ');
if (check && different.length) {
  console.error(`These files differ from what templates/ says. Run: npm run generate\n  ${names}`);
  process.exitCode = 1;
} else {
  console.log(different.length ? `Written:\n  ${names}` : `${files.size} derived files are up to date.`);
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
