/**
 * Builds @eg/plugin and packs it: packages/plugin/dist, and the tarball in tmp/.
 * The checks look at the list of files that npm would publish, since a template that is left out is noticed only by users.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { root } from './lib/install.mjs';
import { npm, run } from './lib/run.mjs';
import { step } from './lib/steps.mjs';

const plugin = join(root, 'packages', 'plugin');
const dist = join(plugin, 'dist');

/** Compiles the sources and puts the files beside them that are not TypeScript, and the templates, where they are looked for. */
export async function build() {
  rmSync(dist, { recursive: true, force: true });
  await run(
    process.execPath,
    [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'],
    {
      cwd: plugin,
    },
  );
  for (const file of filesUnder(join(plugin, 'src')))
    if (!file.endsWith('.ts')) cpSync(join(plugin, 'src', file), join(dist, file));
  cpSync(join(root, 'templates'), join(dist, 'templates'), { recursive: true });
}

/**
 * Packs what `build` made.
 * @returns {Promise<string>} absolute path of the tarball
 */
export async function pack() {
  const destination = join(root, 'tmp');
  mkdirSync(destination, { recursive: true });
  const [packed] = JSON.parse(
    await npm(['pack', '--json', '--pack-destination', destination], { cwd: plugin }),
  );
  return join(destination, packed.filename);
}

/**
 * Compares what npm would publish with what the package needs.
 * @returns {Promise<number>} how many files would be published
 * @throws {Error} naming everything that is missing or should not be there
 */
export async function checkPackage() {
  const [listing] = JSON.parse(await npm(['pack', '--dry-run', '--json'], { cwd: plugin }));
  const published = new Set(listing.files.map((/** @type {{ path: string }} */ file) => file.path));
  const needed = [
    ...filesUnder(join(root, 'templates')).map((file) => `dist/templates/${file}`),
    ...declaredFiles('generators.json', 'generators'),
    ...declaredFiles('executors.json', 'executors'),
    'dist/index.js',
    'dist/index.d.ts',
    'README.md',
  ];
  const problems = [
    ...needed.filter((file) => !published.has(file)).map((file) => `${file} would not be published`),
    ...[...published]
      .filter((file) => /\.spec\.|\.tsbuildinfo$/.test(file))
      .map((file) => `${file} would be published`),
    ...undeclaredImports(),
  ];
  if (problems.length) throw new Error(`The package is not complete:\n  ${problems.join('\n  ')}`);
  return published.size;
}

/** The implementation and schema files that a manifest of Nx names. @param {string} manifest @param {string} key */
function declaredFiles(manifest, key) {
  if (!existsSync(join(plugin, manifest))) return [manifest];
  /** @type {Record<string, { implementation?: string, factory?: string, schema: string }>} */
  const entries = JSON.parse(readFileSync(join(plugin, manifest), 'utf8'))[key];
  const files = Object.values(entries).flatMap(({ implementation, factory, schema }) => {
    const [code = ''] = (implementation ?? factory ?? '').split('#');
    return [code.endsWith('.js') ? code : `${code}.js`, schema];
  });
  return [manifest, ...files.map((file) => file.replace(/^\.\//, ''))];
}

/** Packages that the compiled code imports and package.json does not declare: they would be missing for a user. */
function undeclaredImports() {
  const { dependencies = {}, peerDependencies = {} } = JSON.parse(
    readFileSync(join(plugin, 'package.json'), 'utf8'),
  );
  const imported = filesUnder(dist)
    .filter((file) => file.endsWith('.js') && !file.startsWith('templates/'))
    .flatMap((file) =>
      [...readFileSync(join(dist, file), 'utf8').matchAll(/\b(?:from|import) ?\(?'([^'.][^']*)'/g)].map(
        ([, specifier = '']) => specifier,
      ),
    )
    .filter((specifier) => !specifier.startsWith('node:'))
    .map((specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/'));
  return [...new Set(imported)]
    .filter((name) => !(name in dependencies) && !(name in peerDependencies))
    .map((name) => `${name} is imported but not a dependency`);
}

/** Paths of all files below `directory`, relative to it, `/`-separated. @param {string} directory */
function filesUnder(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

if (process.argv[1] === import.meta.filename) {
  await step('build @eg/plugin', build);
  await step('check the package', checkPackage, (count) => `${count} files`);
  const tarball = await step('pack', pack);
  console.log(relative(process.cwd(), tarball));
}
