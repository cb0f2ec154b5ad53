import type { Request } from './contract.ts';
import { quote, type Payload } from './payload.ts';

/** Longest body that is put on the line itself, in bytes. */
const LONGEST_INLINE = 500;

/**
 * A line for a POSIX shell that sends the same request with curl; without the trailers, of which curl sends none.
 * @param headers sent with every request that does not set them itself
 */
export function curlLine(
  request: Request,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): string {
  const { method, path, body, chunked } = request;
  const own = new Set(request.headers.map(([name]) => name.toLowerCase()));
  const lines = [
    ...Object.entries(headers).filter(([name]) => !own.has(name.toLowerCase())),
    ...request.headers.flatMap(([name, values]) => values.map((value) => [name, value] as const)),
    ...(chunked ? [['transfer-encoding', 'chunked'] as const] : []),
    // curl would announce a form.
    ...(body && !own.has('content-type') ? [['content-type', undefined] as const] : []),
  ];
  const piped = body && printed(body);
  const words = [
    'curl -i --path-as-is',
    ...(method === 'HEAD' ? ['--head'] : method === 'GET' && !body ? [] : [`-X ${method}`]),
    ...lines.map(([name, value]) => `-H ${quote(headerArgument(name, value))}`),
    ...(piped ? ['--data-binary @-'] : body ? [`--data-raw ${quote(String(wholeOf(body)))}`] : []),
    quote(url + path),
    ...(request.trailers.length ? ['# without its trailers'] : []),
  ];
  return `${piped ? `${piped} | ` : ''}${words.join(' ')}`;
}

/** Shell words that print a body which is no readable argument. */
function printed(body: Payload): string | undefined {
  if (body.printedBy) return body.printedBy;
  const bytes = wholeOf(body);
  const text = bytes.toString('utf8');
  if (bytes.length > LONGEST_INLINE || /[^\n\P{Cc}]/u.test(text))
    return `printf %s ${bytes.toString('base64')} | base64 -d`;
  if (!text.includes('\n')) return undefined;
  return `printf %b ${quote(text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n'))}`;
}

const wholeOf = (body: Payload): Buffer => Buffer.concat(body.chunks);

/** `name;` sends an empty header, `name:` none. */
function headerArgument(name: string, value: string | undefined): string {
  if (value === undefined) return `${name}:`;
  return value === '' ? `${name};` : `${name}: ${value}`;
}
