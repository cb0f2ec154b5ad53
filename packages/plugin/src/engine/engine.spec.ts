import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { templatesRoot } from '../lib/paths.ts';
import { parseExtensionFile, writeExtensionFile } from './extension-file.ts';
import { namesOf, refuseName } from './names.ts';
import { resolveOptions } from './options.ts';
import { renderTemplate } from './render.ts';
import { loadTemplate, templateIds } from './template.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'eg-templates-'));
  cpSync(join(templatesRoot(), '_shared'), join(root, '_shared'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Puts files of a template `demo` into the scratch templates. */
function demo(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    const target = join(root, 'demo', path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}

const yaml = `
title: Demo
summary: A demo.
mechanism: lua
language: lua
placement: in-process
use: [namespace, target]
options:
  namespace: { default: demo }
  greeting: { type: string, description: What to say., enum: [hi, ho] }
refuse:
  - { when: { greeting: ho, namespace: quiet }, because: nobody shouts there }
  - { when: { greeting: ho, target: some }, because: ho is for nobody }
cases: { default: {} }
`;

describe('a template', () => {
  it('is found by its folder alone', () => {
    demo({ 'template.yaml': yaml });
    expect(templateIds(root)).toEqual(['demo']);
  });

  it('takes shared options, overrides fields of them, and adds its own', () => {
    demo({ 'template.yaml': yaml });
    const { options } = loadTemplate('demo', root);
    expect(Object.keys(options)).toEqual(['target', 'namespace', 'greeting']);
    expect(options['namespace']).toMatchObject({ type: 'string', default: 'demo', maxLength: 63 });
  });

  it.each([
    [
      yaml.replace('mechanism: lua', 'mechanizm: lua'),
      /template\.yaml:4:12: mechanizm: there is no such field/,
    ],
    [yaml.replace('use: [namespace, target]', 'use: [nowhere]'), /no shared option 'nowhere'/],
    [yaml.replace('type: string, ', ''), /options\.greeting: needs a type/],
    [yaml.replace('title: Demo', 'title: [Demo'), /template\.yaml:\d+:\d+: /],
  ])('with a mistake says where it is (%#)', (text, message) => {
    demo({ 'template.yaml': text });
    expect(() => loadTemplate('demo', root)).toThrow(message);
  });

  it('that does not exist is answered with those that do', () => {
    demo({ 'template.yaml': yaml });
    expect(() => loadTemplate('../demo', root)).toThrow(/no generator '\.\.\/demo'\. There are: demo/);
  });
});

describe('options', () => {
  const resolve = (given: Record<string, unknown>) => {
    demo({ 'template.yaml': yaml });
    return resolveOptions(loadTemplate('demo', root), given);
  };

  it('have defaults, and take a comma-separated list', () => {
    expect(resolve({ target: 'Gateway/a,HTTPRoute/b/c' })).toEqual({
      target: ['Gateway/a', 'HTTPRoute/b/c'],
      namespace: 'demo',
    });
  });

  it.each([
    [{ namespace: 'A b' }, /--namespace "A b": a Kubernetes namespace/],
    [{ greeting: 'he' }, /--greeting "he": must be one of hi, ho/],
    [{ target: ['Backend/x'] }, /--target "Backend\/x": a target is Kind\/name/],
    [{ target: ['TCPRoute/x'] }, /TCPRoute/],
    [{ target: ['HTTPRoute/a/b/c'] }, /--target/],
    [{ target: ['HTTPRoute/a', 'HTTPRoute/a'] }, /--target .*duplicate/],
    [{ namespace: 7 }, /--namespace 7: must be string/],
    [
      { greeting: 'ho', namespace: 'quiet' },
      /--greeting=ho with --namespace=quiet is refused: nobody shouts there/,
    ],
    [{ greeting: 'ho' }, /--greeting=ho with --target=HTTPRoute\/my-route is refused: ho is for nobody/],
  ])('refuse %j', (given, message) => expect(() => resolve(given)).toThrow(message));
});

describe('rendering', () => {
  const render = (files: Record<string, string>, options = {}) => {
    demo({ 'template.yaml': yaml, ...files });
    const template = loadTemplate('demo', root);
    const request = { name: 'n', directory: 'services/n', options: resolveOptions(template, options) };
    return renderTemplate(template, request, root);
  };

  it('gives every file the context, and leaves out what is empty', () => {
    const files = render({
      'files/k8s/a.yaml.template': '<% targets.forEach((t) => { %>- <%- q(t.name) %>\n<% }) %>',
      'files/__name__.txt.template': '<%- offsetFromRoot %><%- names.pascal %>',
      'files/none.txt.template': '<% if (false) { %>x<% } %>\n',
      'files/.gitignore.template': '/dist\n',
    });
    expect(Object.fromEntries(files)).toEqual({
      'k8s/a.yaml': '- "my-route"\n',
      'n.txt': '../../N',
      '.gitignore': '/dist\n',
    });
  });

  it('lists in the README every TODO of the other files', () => {
    const files = render({
      'files/README.md.template':
        '<% todos.forEach((t) => { %><%- t.file %>:<%- t.line %> <%- t.text %>\n<% }) %>',
      'files/z.lua.template': '\n-- TODO: set it\n',
    });
    expect(files.get('README.md')).toBe('z.lua:2 set it\n');
  });

  it.each([
    ['a.yaml', 'a: [', /broken a\.yaml/],
    ['a.json', '{', /broken a\.json/],
    ['a.toml', 'a =', /broken a\.toml/],
    ['a.txt', '<%- nothing %>', /a\.txt\.template cannot be rendered: .*nothing/s],
  ])('refuses to make a broken %s', (path, text, message) =>
    expect(() => render({ [`files/${path}.template`]: text })).toThrow(message),
  );
});

describe('eg-extension.yaml', () => {
  const file = { generator: templateIds()[0] ?? '', version: '0.1.0', name: 'no', options: {} };

  it('is written so that any YAML reader reads the same', () => {
    const text = writeExtensionFile(file, 'schema.json');
    expect(text).toContain('name: "no"');
    expect(parseExtensionFile(text, 'f')).toEqual(file);
  });

  it('keeps comments, and the very text when nothing changes', () => {
    const text = writeExtensionFile(file, 'schema.json').replace('name:', '# mine\nname:');
    expect(writeExtensionFile(file, 'schema.json', text)).toBe(text);
    expect(writeExtensionFile({ ...file, version: '0.2.0' }, 'schema.json', text)).toMatch(
      /0\.2\.0[^]*# mine/,
    );
  });

  it.each([
    ['', /f:1:1: the file is empty/],
    ['generator: [', /f:1:\d+: /],
    ['generator: nope\nversion: "1"\nname: a\n', /f:1:12: generator: must be one of/],
    ['version: "1"\nname: a\n', /the field generator is missing/],
    ['name: a\nname: b\n', /f:2:1: .*unique/],
    [
      `generator: ${file.generator}\nversion: "1"\nname: a\noptions:\n  nope: 1\n`,
      /f:5:9: options\.nope: there is no such field/,
    ],
  ])('that is broken says where (%#)', (text, message) =>
    expect(() => parseExtensionFile(text, 'f')).toThrow(message),
  );
});

describe('names', () => {
  it('are spelled for every language', () =>
    expect(namesOf('my-filter-2')).toEqual({
      kebab: 'my-filter-2',
      snake: 'my_filter_2',
      camel: 'myFilter2',
      pascal: 'MyFilter2',
    }));

  it.each(['n', 'no', 'on', 'a'.repeat(63), 'a-1'])('may be %s', (name) =>
    expect(refuseName(name)).toBeUndefined(),
  );

  it.each([
    ['My Filter', /try --name=my-filter/],
    ['1e3', /try --name=e3/],
    ['größe', /try --name=gro/],
    ["it's", /try --name=it-s/],
    ['-a', /try --name=a/],
    ['a'.repeat(64), /64 characters/],
    ['日本', /lower-case letters/],
  ])('may not be %s', (name, reason) => expect(refuseName(name)).toMatch(reason));
});
