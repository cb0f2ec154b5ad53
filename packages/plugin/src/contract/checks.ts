import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Headers, Message } from './message.ts';
import { filled, readBody, sizeOf } from './payload.ts';
import { around, showBytes, showText } from './show.ts';

/** One thing that must hold of a message. */
export interface Check {
  /** The part it looks at; where that is unknown, the check cannot be made. */
  readonly part: keyof Message;
  /** What is compared, such as `header x-a`. */
  readonly what: string;
  /** What it must be, for people. */
  readonly expected: string;
  /** What it is instead, for people; undefined when it is as expected. */
  differs(message: Message): string | undefined;
}

export type ExpectedText = { matches?: string; contains?: string };
export type ExpectedHeader = string | string[] | ({ present?: true; absent?: true } & ExpectedText);
export type ExpectedBody =
  | string
  | (ExpectedText & {
      json?: unknown;
      base64?: string;
      file?: string;
      size?: string | number;
      fill?: string;
      sha256?: string;
    });

export const checkStatus = (status: number): Check =>
  check('status', 'status', String(status), ({ status: got }) => (got === status ? undefined : String(got)));

export const checkMethod = (method: string): Check =>
  check('method', 'method', method, ({ method: got }) => (got === method ? undefined : got));

/** @throws SyntaxError for a regular expression that is none, as all that take `matches` do. */
export function checkPath(expected: string | ExpectedText): Check[] {
  const text = ({ path = '' }: Message) => path;
  if (typeof expected === 'string') return [equals('path', 'path', expected, text)];
  return textChecks('path', 'path', expected, text);
}

/** Several lines of one header count as one value joined by `, `, as HTTP has it: proxies may join or split them. */
export function checkHeader(part: 'headers' | 'trailers', name: string, expected: ExpectedHeader): Check[] {
  const what = `${part === 'headers' ? 'header' : 'trailer'} ${name}`;
  const value = (message: Message) => (message[part] as Headers).get(name.toLowerCase())?.join(', ');
  const compare = (wanted: string, holds: (got: string | undefined) => boolean): Check =>
    check(part, what, wanted, (message) => {
      const got = value(message);
      return holds(got) ? undefined : showValue(got);
    });
  if (typeof expected === 'string' || Array.isArray(expected)) {
    const wanted = [expected].flat().join(', ');
    return [compare(showText(wanted), (got) => got === wanted)];
  }
  if (expected.absent) return [compare('absent', (got) => got === undefined)];
  const texts = textChecks(part, what, expected, (message) => value(message));
  return texts.length ? texts : [compare('present', (got) => got !== undefined)];
}

/**
 * @param directory where relative file names begin
 * @throws Error for a file that cannot be read or a size that is too large.
 */
export function checkBody(expected: ExpectedBody, directory: string): Check[] {
  const bytes = ({ body = Buffer.alloc(0) }: Message) => body;
  const text = (message: Message) => bytes(message).toString('utf8');
  if (typeof expected === 'string') return [sameBytes(Buffer.from(expected))];
  const { json, base64, file, size, fill, sha256 } = expected;
  const checks = textChecks('body', 'body', expected, text);
  if (base64 !== undefined) checks.push(sameBytes(Buffer.from(base64, 'base64')));
  if (file !== undefined) checks.push(sameBytes(readBody(resolve(directory, file))));
  if (size !== undefined && fill !== undefined) checks.push(sameBytes(filled(size, fill)));
  if (size !== undefined && fill === undefined) {
    const wanted = sizeOf(size);
    checks.push(
      check('body', 'body', `${wanted} bytes`, (message) => {
        const got = bytes(message);
        return got.length === wanted ? undefined : `${got.length} bytes: ${showBytes(got)}`;
      }),
    );
  }
  if (sha256 !== undefined)
    checks.push(
      check('body', 'SHA-256 of the body', sha256, (message) => {
        const got = createHash('sha256').update(bytes(message)).digest('hex');
        return got === sha256 ? undefined : `${got} of ${showBytes(bytes(message))}`;
      }),
    );
  if ('json' in expected)
    checks.push(
      check('body', 'body', `JSON with ${showText(JSON.stringify(json))}`, (message) =>
        jsonDiffers(json, text(message)),
      ),
    );
  return checks;
}

const check = (part: Check['part'], what: string, expected: string, differs: Check['differs']): Check => ({
  part,
  what,
  expected,
  differs,
});

function equals(
  part: Check['part'],
  what: string,
  wanted: string,
  text: (message: Message) => string,
): Check {
  return check(part, what, showText(wanted), (message) => {
    const got = text(message);
    return got === wanted ? undefined : showText(got);
  });
}

function textChecks(
  part: Check['part'],
  what: string,
  { matches, contains }: ExpectedText,
  text: (message: Message) => string | undefined,
): Check[] {
  const checks: Check[] = [];
  const add = (expected: string, holds: (got: string) => boolean) =>
    checks.push(
      check(part, what, expected, (message) => {
        const got = text(message);
        return got !== undefined && holds(got) ? undefined : showValue(got);
      }),
    );
  if (matches !== undefined) {
    const pattern = new RegExp(matches);
    add(`something that matches ${String(pattern)}`, (got) => pattern.test(got));
  }
  if (contains !== undefined)
    add(`something that contains ${showText(contains)}`, (got) => got.includes(contains));
  return checks;
}

function sameBytes(wanted: Buffer): Check {
  return check('body', 'body', showBytes(wanted), ({ body = Buffer.alloc(0) }) => {
    if (body.equals(wanted)) return undefined;
    return around(wanted, body);
  });
}

const showValue = (value: string | undefined): string => (value === undefined ? 'absent' : showText(value));

function jsonDiffers(wanted: unknown, text: string): string | undefined {
  let got: unknown;
  try {
    got = JSON.parse(text);
  } catch {
    return `no JSON: ${showText(text)}`;
  }
  return subsetDiffers(wanted, got, '$');
}

/** Every field of `wanted` must be in `got` and equal; further fields of objects are allowed, at any depth. */
function subsetDiffers(wanted: unknown, got: unknown, path: string): string | undefined {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(got)) return `${path} is ${showJson(got)}`;
    if (got.length !== wanted.length) return `${path} has ${got.length} items, not ${wanted.length}`;
    return first(wanted.map((item, index) => subsetDiffers(item, got[index], `${path}[${index}]`)));
  }
  if (isObject(wanted)) {
    if (!isObject(got)) return `${path} is ${showJson(got)}`;
    return first(
      Object.entries(wanted).map(([key, value]) => subsetDiffers(value, got[key], `${path}.${key}`)),
    );
  }
  return Object.is(wanted, got) ? undefined : `${path} is ${showJson(got)}`;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const showJson = (value: unknown): string =>
  value === undefined ? 'missing' : showText(JSON.stringify(value));

const first = (differences: (string | undefined)[]): string | undefined =>
  differences.find((difference) => difference !== undefined);
