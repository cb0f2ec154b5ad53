/**
 * `npm run bench [-- generate build serve] [--rounds=5]`: measures what users wait for, as ratios within one run, and
 * writes the tables into the README beside this file.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { step } from '../lib/steps.mjs';
import { benchBuild } from './build.ts';
import { benchGenerate } from './generate.ts';
import { table } from './measure.ts';
import { benchServe } from './serve.ts';
import { benchWorkspace } from './workspace.ts';

const benches = { generate: benchGenerate, build: benchBuild, serve: benchServe };
type Bench = keyof typeof benches;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' } },
});
const chosen = (positionals.length ? positionals : Object.keys(benches)) as Bench[];
const unknown = chosen.find((name) => !(name in benches));
if (unknown)
  throw new Error(`There is no benchmark '${unknown}'. There are: ${Object.keys(benches).join(', ')}.`);

const readme = join(import.meta.dirname, 'README.md');
const workspace = await step('make a workspace', () => benchWorkspace());
try {
  for (const name of chosen) {
    const rows = await step(name, () => benches[name](workspace, Number(values.rounds)));
    console.log(`\n${table(rows)}\n`);
    const section = new RegExp(`(<!-- ${name} -->\n)[^]*?(\n<!-- end -->)`);
    writeFileSync(readme, readFileSync(readme, 'utf8').replace(section, `$1${table(rows)}$2`));
  }
} finally {
  await workspace.remove();
}
