import type { EntryReport, Proof, Report } from './report.ts';

/** The report as JUnit XML: one test case for each entry, and one for each check of the whole run. */
export function junitReport(report: Report): string {
  const entries = report.entries.map((entry) =>
    testCase(entry.name, report.extension, entrySeconds(entry), entryBody(entry)),
  );
  const proofs = report.proofs.map((proof) =>
    testCase(proof.name, `${report.extension}.run`, 0, proofBody(proof)),
  );
  const counts = {
    tests: entries.length + proofs.length,
    failures: report.total.failed + report.proofs.filter(({ ok }) => ok === false).length,
    errors: 0,
    skipped: report.proofs.filter(({ ok }) => ok === null).length,
  };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    open('testsuites', counts),
    open('testsuite', { name: report.extension, ...counts }),
    ...entries,
    ...proofs,
    '</testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(name: string, classname: string, seconds: number, body: readonly string[]): string {
  return [open('testcase', { name, classname, time: seconds.toFixed(6) }), ...body, '</testcase>'].join('\n');
}

/** The median, which is the time of a request that is sent once. */
const entrySeconds = ({ p50Ms }: EntryReport): number => (p50Ms ?? 0) / 1000;

function entryBody({ ok, at, problems, notChecked, curl }: EntryReport): string[] {
  const details = problems.map(
    ({ what, expected, got, requests }) =>
      `${what}\n  expected  ${expected}\n  got       ${got}\n  in ${requests} requests`,
  );
  const [message = ''] = problems.map(
    ({ what, expected, got }) => `${what}: expected ${expected}, got ${got}`,
  );
  return [
    ...(ok
      ? []
      : [
          `${open('failure', { message, type: 'contract' })}${escape([at, ...details, curl].join('\n'))}</failure>`,
        ]),
    ...(notChecked.length ? [`<system-out>${escape(notChecked.join('\n'))}</system-out>`] : []),
  ];
}

function proofBody({ ok, detail }: Proof): string[] {
  if (ok === null) return [`${open('skipped', { message: detail })}</skipped>`];
  if (ok) return [`<system-out>${escape(detail)}</system-out>`];
  return [`${open('failure', { message: detail, type: 'proof' })}${escape(detail)}</failure>`];
}

function open(name: string, attributes: Record<string, string | number>): string {
  const pairs = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${numbered(escape(String(value)), /[\t\n\r]/g)}"`,
  );
  return `<${name}${pairs.join('')}>`;
}

/** Text for XML 1.0, which has no place for most control characters and for halves of surrogate pairs. */
function escape(text: string): string {
  const allowed = text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
  return numbered(allowed, /[&<>"']/g);
}

const numbered = (text: string, characters: RegExp): string =>
  text.replace(characters, (character) => `&#${character.charCodeAt(0)};`);
