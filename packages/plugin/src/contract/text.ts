import type { EntryReport, Proof, Report, Times } from './report.ts';
import { formatMs } from './units.ts';

/** Where an entry stands is shown from here on. */
const INDENT = '      ';

/**
 * The report for a terminal.
 * @param colour whether to use ANSI colours
 */
export function textReport(report: Report, colour: boolean): string {
  const paint = painter(colour);
  return [
    '',
    paint('bold', `${report.extension} on ${report.envoy ? `Envoy ${report.envoy.version}` : report.url}`),
    '',
    ...report.entries.flatMap((entry) => entryLines(entry, paint)),
    '',
    ...report.proofs.map((proof) => proofLine(proof, paint)),
    ...(report.envoy && report.total.failed
      ? ['', `  To send the curl lines, first: ${serveLine(report.extension)}`]
      : []),
    '',
    ...summary(report),
    '',
    verdict(report, paint),
    '',
  ].join('\n');
}

/** Where the curl lines of a report on a local stack go. */
export const SERVE_PORT = 10080;

const serveLine = (extension: string): string => `nx serve ${extension} --port=${SERVE_PORT}`;

type Paint = (style: 'bold' | 'red' | 'green' | 'yellow' | 'dim', text: string) => string;

function painter(colour: boolean): Paint {
  const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };
  return (style, text) => (colour ? `\u001b[${codes[style]}m${text}\u001b[0m` : text);
}

function entryLines(entry: EntryReport, paint: Paint): string[] {
  const mark = entry.ok ? paint('green', '✓') : paint('red', '✗');
  const problems = entry.problems.flatMap(({ what, expected, got, requests }) => [
    `${INDENT}${what}${entry.requests > 1 ? ` (in ${requests} of ${entry.requests} requests)` : ''}`,
    `${INDENT}  expected  ${paint('green', expected)}`,
    `${INDENT}  got       ${paint('red', got)}`,
  ]);
  return [
    `  ${mark} ${entry.name}  ${paint('dim', timing(entry))}${entry.ok ? '' : `  ${paint('dim', entry.at)}`}`,
    ...problems,
    ...entry.notChecked.map((reason) => `${INDENT}${paint('yellow', `! ${reason}`)}`),
    ...(entry.ok ? [] : [`${INDENT}${paint('dim', entry.curl)}`]),
  ];
}

function proofLine({ name, ok, detail }: Proof, paint: Paint): string {
  const mark = ok === null ? paint('yellow', '!') : ok ? paint('green', '✓') : paint('red', '✗');
  return `  ${mark} ${name}: ${detail}`;
}

function verdict({ ok, entries }: Report, paint: Paint): string {
  if (!ok) return paint('red', 'The contract does not hold.');
  if (entries.every(({ notChecked }) => notChecked.length === 0))
    return paint('green', 'The contract holds.');
  return paint('yellow', 'The contract holds as far as it could be checked.');
}

const timing = ({ requests, p50Ms, p99Ms }: Times): string =>
  requests > 1 ? `${requests} requests, p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}` : ms(p50Ms);

const ms = (value: number | null): string => (value === null ? 'no answer' : formatMs(value));

function summary({ total, entries }: Report): string[] {
  const unchecked = entries.filter(({ notChecked }) => notChecked.length > 0).length;
  const columns = {
    entries: total.entries,
    held: total.entries - total.failed,
    failed: total.failed,
    'partly checked': unchecked,
    requests: total.requests,
    p50: ms(total.p50Ms),
    p99: ms(total.p99Ms),
  };
  const widths = Object.entries(columns).map(([name, value]) => Math.max(name.length, String(value).length));
  const row = (cells: (string | number)[]) =>
    `  ${cells.map((cell, index) => String(cell).padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd();
  return [row(Object.keys(columns)), row(Object.values(columns))];
}
