import { headersOf, type Headers, type Message } from './message.ts';

/**
 * What an echo service says it received, out of its answer; undefined when that is no answer of an echo service.
 * Understood: the echo of the local stack ({method, path, headers, body | bodyBase64, trailers}), and the one of the
 * Gateway API project that Envoy Gateway's quickstart installs ({path, host, method, proto, headers: {Name: [values]}}),
 * which says nothing about bodies and trailers.
 */
export function echoed({ body }: Message): Message | undefined {
  const echo = parseObject(body?.toString('utf8') ?? '');
  if (typeof echo?.['method'] !== 'string' || typeof echo['path'] !== 'string' || !isHeaders(echo['headers']))
    return undefined;
  const own = echo['proto'] === undefined;
  const { method, path, host, bodyBase64, trailers } = echo;
  const headers = new Map(headersFrom(echo['headers']));
  // Go keeps the Host header apart from the others.
  if (typeof host === 'string' && !headers.has('host')) headers.set('host', [host]);
  return {
    method,
    path,
    headers,
    ...(own && {
      body:
        typeof bodyBase64 === 'string' ? Buffer.from(bodyBase64, 'base64') : Buffer.from(text(echo['body'])),
      trailers: isHeaders(trailers) ? headersFrom(trailers) : new Map(),
    }),
  };
}

type HeaderRecord = Readonly<Record<string, string | readonly string[]>>;

/** Headers out of a JSON object of values or lists of values. */
const headersFrom = (record: HeaderRecord): Headers =>
  headersOf(
    Object.entries(record).flatMap(([name, values]) => [values].flat().flatMap((value) => [name, value])),
  );

const isHeaders = (value: unknown): value is HeaderRecord =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((item) => typeof item === 'string' || Array.isArray(item));

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function parseObject(json: string): Record<string, unknown> | undefined {
  if (!json.startsWith('{')) return undefined;
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
