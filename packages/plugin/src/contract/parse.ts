import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../lib/errors.ts';
import { loadSchema } from '../lib/schema.ts';
import { parseYaml } from '../lib/yaml.ts';
import { VERIFY_ID } from '../stack/types.ts';
import {
  checkBody,
  checkHeader,
  checkMethod,
  checkPath,
  checkStatus,
  type Check,
  type ExpectedBody,
  type ExpectedHeader,
  type ExpectedText,
} from './checks.ts';
import type { Contract, Entry, HeaderLines, Request } from './contract.ts';
import { payloadOf, type PayloadSpec } from './payload.ts';
import { Problems } from './problems.ts';
import { parseDuration } from './units.ts';

/** Largest contract.yaml, in bytes. */
const MAX_FILE = 1024 * 1024;

/** Headers that say how the body is sent, or belong to verify itself. */
const RESERVED: Record<string, string> = {
  'content-length': 'the length comes from the body; use chunked: true to send none',
  'transfer-encoding': 'use chunked: true',
  trailer: 'it is made from trailers',
  [VERIFY_ID]: 'verify sets it itself, to find out what the upstream saw',
};

/** contract.yaml after the schema has accepted it. */
interface ContractFile {
  requests: EntryFile[];
}

interface EntryFile {
  name: string;
  request?: {
    method?: string;
    path?: string;
    headers?: Record<string, string | string[]>;
    body?: PayloadSpec;
    chunked?: boolean;
    trailers?: Record<string, string>;
  };
  upstream?: 'none' | ({ method?: string; path?: string | ExpectedText } & ExpectedParts);
  response?: { status?: number } & ExpectedParts;
  repeat?: number;
  concurrency?: number;
  within?: string;
}

interface ExpectedParts {
  headers?: Record<string, ExpectedHeader>;
  body?: ExpectedBody;
  trailers?: Record<string, ExpectedHeader>;
}

type Keys = readonly (string | number)[];

/**
 * Reads the contract at `path`.
 * @param shown what to call the file in messages; default: `path`
 * @throws UserError listing every mistake as `path:line:column: field: what is wrong and what to do`.
 */
export function readContract(path: string, shown = path): Contract {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile())
    throw new UserError(
      `There is no file ${shown}. A contract says in requests what the extension does; write one, or name another with --contract.`,
    );
  if (stats.size > MAX_FILE)
    throw new UserError(
      `${shown} has ${stats.size} bytes; a contract has at most 1MiB. Put large bodies into files: body: { file: … }.`,
    );
  return parseContract(readFileSync(path, 'utf8'), shown, dirname(path));
}

/**
 * Parses a contract.
 * @param path what to call the text in messages
 * @param directory where the file names in it begin
 * @throws UserError as readContract does.
 */
export function parseContract(text: string, path: string, directory: string): Contract {
  const document = parseYaml(text, path);
  if (document.value === null)
    throw new UserError(
      `${path}:1:1: the contract is empty, so it cannot fail. It needs requests: a list of requests with what they must lead to.`,
    );
  const problems = new Problems(document, text, path);
  problems.addSchema((validate ??= loadSchema('contract')));
  problems.throwIfAny();
  const { requests } = document.value as ContractFile;
  const entries = requests.map((entry, index) =>
    compileEntry(entry, ['requests', index], directory, problems),
  );
  refuseSameNames(requests, problems);
  problems.throwIfAny();
  return { path, entries };
}

let validate: ReturnType<typeof loadSchema> | undefined;

function compileEntry(entry: EntryFile, keys: Keys, directory: string, problems: Problems): Entry {
  const { name, upstream = {}, response = {}, repeat = 1, concurrency = 1, within } = entry;
  if (concurrency > repeat)
    problems.add(
      [...keys, 'concurrency'],
      `is ${concurrency}, but the request is sent only ${repeat} times (repeat)`,
    );
  const withinMs = within === undefined ? undefined : parseDuration(within);
  if (withinMs === 0) problems.add([...keys, 'within'], 'must be more than nothing');
  const compile = (parts: ExpectedParts, side: string) =>
    compileParts(parts, [...keys, side], directory, problems);
  return {
    name,
    at: problems.position(keys),
    request: compileRequest(entry.request ?? {}, [...keys, 'request'], directory, problems),
    upstream:
      upstream === 'none'
        ? upstream
        : [
            ...(upstream.method === undefined ? [] : [checkMethod(upstream.method)]),
            ...compilePath(upstream.path, [...keys, 'upstream', 'path'], problems),
            ...compile(upstream, 'upstream'),
          ],
    response: [checkStatus(response.status ?? 200), ...compile(response, 'response')],
    repeat,
    concurrency,
    ...(withinMs === undefined ? {} : { withinMs }),
  };
}

function compileRequest(
  {
    method = 'GET',
    path = '/',
    headers = {},
    body,
    chunked = false,
    trailers = {},
  }: EntryFile['request'] & object,
  keys: Keys,
  directory: string,
  problems: Problems,
): Request {
  for (const [part, lines] of Object.entries({ headers, trailers })) {
    refuseSameHeaders(lines, [...keys, part], problems);
    for (const name of Object.keys(lines)) {
      const reason = RESERVED[name.toLowerCase()];
      if (reason) problems.add([...keys, part, name], `cannot be set: ${reason}`);
    }
  }
  const lines = (of: Record<string, string | string[]>): HeaderLines[] =>
    Object.entries(of).map(([name, values]) => [name, [values].flat()]);
  const payload = problems.catch([...keys, 'body'], () =>
    body === undefined ? undefined : payloadOf(body, directory),
  );
  const inChunks = typeof body === 'object' && body.chunks !== undefined;
  return {
    method,
    path,
    headers: lines(headers),
    ...(payload ? { body: payload } : {}),
    chunked: chunked || inChunks || Object.keys(trailers).length > 0,
    trailers: lines(trailers),
  };
}

function compileParts(parts: ExpectedParts, keys: Keys, directory: string, problems: Problems): Check[] {
  const checks: Check[] = [];
  for (const part of ['headers', 'trailers'] as const) {
    refuseSameHeaders(parts[part] ?? {}, [...keys, part], problems);
    for (const [name, expected] of Object.entries(parts[part] ?? {}))
      if (usable(expected, [], [...keys, part, name], problems))
        checks.push(...checkHeader(part, name, expected));
  }
  const { body } = parts;
  const bodyKeys = [...keys, 'body'];
  if (body !== undefined && usable(body, ['', ' ', 'a1\n'], bodyKeys, problems))
    checks.push(...(problems.catch(bodyKeys, () => checkBody(body, directory)) ?? []));
  return checks;
}

function compilePath(path: string | ExpectedText | undefined, keys: Keys, problems: Problems): Check[] {
  return path !== undefined && usable(path, ['/', '/~?z=%7E'], keys, problems) ? checkPath(path) : [];
}

/**
 * Whether what is expected can be compared: its expression is one, and does not match everything (that is, all of
 * `probes`), which would make a check that cannot fail.
 */
function usable(
  expected: ExpectedHeader | ExpectedBody,
  probes: string[],
  keys: Keys,
  problems: Problems,
): boolean {
  if (typeof expected === 'string' || Array.isArray(expected) || expected.matches === undefined) return true;
  const { matches } = expected;
  const pattern = problems.catch([...keys, 'matches'], () => new RegExp(matches));
  if (!pattern) return false;
  if (probes.length && probes.every((probe) => pattern.test(probe)))
    problems.add([...keys, 'matches'], `${String(pattern)} matches anything, so this check cannot fail`);
  return true;
}

function refuseSameHeaders(headers: object, keys: Keys, problems: Problems): void {
  const seen = new Map<string, string>();
  for (const name of Object.keys(headers)) {
    const earlier = seen.get(name.toLowerCase());
    if (earlier)
      problems.add([...keys, name], `is the same header as ${earlier}; give one of them a list of values`);
    seen.set(name.toLowerCase(), name);
  }
}

function refuseSameNames(requests: readonly EntryFile[], problems: Problems): void {
  const seen = new Map<string, number>();
  requests.forEach(({ name }, index) => {
    const earlier = seen.get(name);
    if (earlier !== undefined)
      problems.add(
        ['requests', index, 'name'],
        `${JSON.stringify(name)} is also the name of the entry at ${problems.position(['requests', earlier])}; give each its own`,
      );
    else seen.set(name, index);
  });
}
