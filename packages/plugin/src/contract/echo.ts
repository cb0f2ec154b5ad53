import type { Seen } from '../stack/types.ts';
import { headersOf, type Headers, type Message } from './message.ts';

/** What the echo of the local stack saw, to compare with. */
export const messageOfSeen = ({
  method,
  path,
  headers,
  body = '',
  bodyBase64,
  trailers = {},
}: Seen): Message => ({
  method,
  path,
  headers: headersFrom(headers),
  body: bodyBase64 === undefined ? Buffer.from(body) : Buffer.from(bodyBase64, 'base64'),
  trailers: headersFrom(trailers),
});

/**
 * What an echo service says it received, out of its answer; undefined when that is no answer of an echo service.
 * Understood: the echo of the local stack ({method, path, headers, body | bodyBase64, trailers}), and the one of the
 * Gateway API project that Envoy Gateway's quickstart installs ({path, host, method, proto, headers: {Name: [values]}}),
 * which says nothing about bodies and trailers.
 */
export function echoed({ body }: Message): Message | undefined {
  const echo = parseObject(body?.toString('utf8') ?? '');
  if (!echo || !isEcho(echo)) return undefined;
  if (!('proto' in echo)) return messageOfSeen(echo);
  // Go keeps the Host header apart from the others.
  const { method, path, host, headers } = echo;
  return {
    method,
    path,
    headers: new Map([...headersFrom(headers), ...headersFrom(host === undefined ? {} : { host })]),
  };
}

type HeaderRecord = Readonly<Record<string, string | readonly string[]>>;

/** Headers out of a JSON object of values or lists of values. */
const headersFrom = (record: HeaderRecord): Headers =>
  headersOf(
    Object.entries(record).flatMap(([name, values]) => [values].flat().flatMap((value) => [name, value])),
  );

function isEcho(value: Record<string, unknown>): value is Record<string, unknown> & Seen & { host?: string } {
  const { method, path, headers, trailers = {}, body = '', bodyBase64 = '', host = '' } = value;
  return [method, path, body, bodyBase64, host].every(isText) && [headers, trailers].every(isHeaders);
}

const isText = (value: unknown): value is string => typeof value === 'string';

const isHeaders = (value: unknown): value is HeaderRecord =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((item) => isText(item) || (Array.isArray(item) && item.every(isText)));

function parseObject(json: string): Record<string, unknown> | undefined {
  if (!json.startsWith('{')) return undefined;
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
