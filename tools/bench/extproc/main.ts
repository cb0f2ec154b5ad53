/**
 * Compares servers of ext_proc behind the same Envoy, in turn within one run, and writes the table into README.md:
 * `node --import @swc-node/register/esm-register tools/bench/extproc/main.ts --go=<path of a built go-extproc>`.
 * It needs wrk and the native core (`npm run build:native -w @eg/extproc`).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { npm } from '../../lib/run.mjs';
import { median } from '../measure.ts';
import { measure, type Measured, type Subject } from './subject.ts';

const { values } = parseArgs({
  options: {
    go: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    /** Part of the names of the servers to measure; the table is then only printed. */
    only: { type: 'string', default: '' },
  },
});

const node = (name: string, ...args: string[]): Subject => ({
  name,
  command: process.execPath,
  args: [join(import.meta.dirname, 'server.mjs'), ...args],
});
const subjects: Subject[] = [
  ...(values.go ? [{ name: 'Go (go-extproc)', command: values.go, args: [] }] : []),
  node('native core', 'native', 'sync'),
  node('native core, async handlers', 'native', 'async'),
  {
    ...node('grpc-js core, with maxRequestsPerConnection', 'grpc-js', 'sync'),
    maxRequestsPerConnection: 900,
  },
  node('grpc-js core, without', 'grpc-js', 'sync'),
].filter(({ name }) => name.includes(values.only));

await npm(['run', '--silent', 'build', '-w', '@eg/extproc'], { cwd: join(import.meta.dirname, '../../..') });
const results = new Map<Subject, Measured[]>(subjects.map((subject) => [subject, []]));
for (let round = 1; round <= Number(values.rounds); round++)
  for (const subject of subjects) {
    const measured = await measure(subject, Number(values.seconds));
    results.get(subject)?.push(measured);
    console.log(round, subject.name, JSON.stringify(measured));
  }

const text = table();
console.log(`\n${text}`);
if (!values.only) await publish();

async function publish(): Promise<void> {
  const readme = join(import.meta.dirname, 'README.md');
  const page = readFileSync(readme, 'utf8').replace(
    /(<!-- table -->\n)[^]*?(\n<!-- end -->)/,
    `$1\n${text}\n$2`,
  );
  writeFileSync(readme, await format(page, { ...(await resolveConfig(readme)), filepath: readme }));
}

/** Medians; the ratio is that of the median of rounds, since each round meets another load of the machine. */
function table(): string {
  const rows = [...results].map(([{ name }, runs]) => {
    const of = (pick: (run: Measured) => number) => median(runs.map(pick));
    const sum = (pick: (run: Measured) => number) => runs.map(pick).reduce((a, b) => a + b, 0);
    const reference = [...results.values()][0] ?? [];
    const ratio = median(runs.map((run, i) => run.perSecond / (reference[i]?.perSecond ?? NaN)));
    return [
      name,
      of((run) => run.perSecond).toFixed(0),
      ratio.toFixed(2),
      '█'.repeat(Math.round(ratio * 20)),
      of((run) => run.p50).toFixed(2),
      of((run) => run.p99).toFixed(1),
      String(sum((run) => run.errors)),
      of((run) => run.cpu).toFixed(1),
      of((run) => run.memory).toFixed(0),
      `${sum((run) => run.storm.errors)} of ${sum((run) => run.storm.aborts)}`,
      String(of((run) => run.storm.connections)),
    ];
  });
  const head = ['server', 'requests/s', 'ratio', '', 'p50 ms', 'p99 ms', '5xx', 'CPU µs a request', 'MB'];
  return [
    [...head, '5xx in the storm, of aborts', 'new connections'],
    ['---', '--:', '--:', '---', ...Array<string>(7).fill('--:')],
    ...rows,
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
