import * as ejsModule from 'ejs';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { UserError, messageOf } from '../lib/errors.ts';
import { templatesRoot } from '../lib/paths.ts';
import { checkSyntax } from './check-syntax.ts';
import type { OptionValues } from './extension.ts';
import { namesOf, type Names } from './names.ts';
import { parseTarget, type Target } from './target.ts';
import { readShared, type Template } from './template.ts';

// Only the ESM build of ejs has a default export, only its CommonJS build has named ones; Nx may load either.
const ejs: typeof ejsModule.default = (ejsModule as Partial<typeof ejsModule>).default ?? ejsModule;

const SUFFIX = '.template';
const README = 'README.md';

/** What a generator was asked to make, after all checks. */
export interface Request {
  readonly name: string;
  /** Project root relative to the workspace, `/`-separated. */
  readonly directory: string;
  readonly options: OptionValues;
}

/** A value the user still has to set, as a comment of a generated file says. */
export interface Todo {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

interface Context extends Request {
  readonly names: Names;
  readonly offsetFromRoot: string;
  readonly targets: readonly Target[];
  readonly versions: Record<string, unknown>;
  readonly todos: readonly Todo[];
  /** Quotes a value so that YAML 1.1, YAML 1.2 and JSON read the same string. */
  readonly q: (value: unknown) => string;
}

/**
 * Renders every file of a template: path relative to the project → content. Pure; nothing is written.
 * A file that renders to white space only is left out. The README comes last and knows every TODO of the others.
 * @throws UserError when a file cannot be rendered, or is not valid YAML, JSON or TOML once rendered.
 */
export function renderTemplate(
  template: Template,
  request: Request,
  root = templatesRoot(),
): Map<string, string> {
  const todos: Todo[] = [];
  const context: Context = {
    ...request,
    names: namesOf(request.name),
    offsetFromRoot: '../'.repeat(request.directory.split('/').length),
    targets: (request.options['target'] as string[] | undefined)?.map(parseTarget) ?? [],
    versions: readShared('versions', root) as Context['versions'],
    todos,
    q: (value) => JSON.stringify(value),
  };
  const files = new Map<string, string>();
  for (const source of sources(join(template.directory, 'files'))) {
    const path = source.slice(0, -SUFFIX.length).replaceAll('__name__', request.name);
    const content = renderFile(join(template.directory, 'files', source), context, join(root, '_shared'));
    if (content.trim() === '') continue;
    checkSyntax(path, content, template.id);
    files.set(path, content);
    todos.push(...findTodos(path, content));
  }
  return files;
}

/**
 * Renders a template's GUIDE.md on its own, as the docs show it. Generated READMEs include the same text.
 * @throws UserError when it cannot be rendered.
 */
export function renderGuide(template: Template, root = templatesRoot()): string {
  return renderFile(join(template.directory, 'GUIDE.md'), {}, join(root, '_shared'));
}

function sources(directory: string): string[] {
  const all = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((path) => path.split(sep).join('/'))
    .filter((path) => path.endsWith(SUFFIX))
    .sort();
  const last = (path: string) => (path === README + SUFFIX ? 1 : 0);
  return all.sort((a, b) => last(a) - last(b));
}

function renderFile(path: string, context: object, shared: string): string {
  try {
    return ejs.render(readFileSync(path, 'utf8'), { ...context }, { filename: path, root: [shared] });
  } catch (error) {
    throw new UserError(`${path} cannot be rendered: ${messageOf(error)}`);
  }
}

function findTodos(file: string, content: string): Todo[] {
  return content.split('\n').flatMap((text, index) => {
    const todo = /\bTODO:?\s*(.+?)\s*(?:-->|\*\/)?$/.exec(text);
    return todo?.[1] ? [{ file, line: index + 1, text: todo[1] }] : [];
  });
}
