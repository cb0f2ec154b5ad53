import { Agent, get } from 'node:http';
import { messageOf, UserError } from '../lib/errors.ts';
import type { Stats } from '../mechanisms/mechanism.ts';

// Asked often while Envoy loads something. Idle connections do not keep this process alive.
const agent = new Agent({ keepAlive: true });

/**
 * Envoy's counters and gauges.
 * @param adminUrl of Envoy's admin interface, such as `http://127.0.0.1:19000`
 * @param filter regular expression (RE2) that a name must match
 * @throws UserError when it does not answer
 */
export async function readStats(adminUrl: string, filter?: string): Promise<Stats> {
  const query = filter === undefined ? '' : `?filter=${encodeURIComponent(filter)}`;
  const stats = new Map<string, number>();
  for (const line of (await askAdmin(adminUrl, `/stats${query}`)).split('\n')) {
    const [, name, value] = /^(.+): (\d+)$/.exec(line) ?? [];
    if (name !== undefined) stats.set(name, Number(value));
  }
  return stats;
}

/**
 * What Envoy's admin interface answers to a GET.
 * @throws UserError when it does not answer with 200
 */
export async function askAdmin(adminUrl: string, path: string): Promise<string> {
  try {
    return await new Promise<string>((resolve, reject) => {
      const request = get(new URL(path, adminUrl), { agent, timeout: 5000 }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response
          .on('error', reject)
          .on('end', () =>
            response.statusCode === 200
              ? resolve(text)
              : reject(new Error(`it answered ${response.statusCode ?? 0}: ${text.trim()}`)),
          );
      });
      request.on('timeout', () => request.destroy(new Error('it did not answer within 5 s')));
      request.on('error', reject);
    });
  } catch (error) {
    throw new UserError(`Envoy's admin interface at ${adminUrl} is not there: ${messageOf(error)}`);
  }
}
