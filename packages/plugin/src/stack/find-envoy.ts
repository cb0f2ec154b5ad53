import { messageOf, UserError } from '../lib/errors.ts';
import { isExecutable, which } from '../lib/which.ts';
import { inspectEnvoy, type EnvoyBinary } from './envoy-version.ts';
import { cachedEnvoy, fetchEnvoy } from './fetch-envoy.ts';
import type { Log } from './types.ts';

/**
 * Finds an Envoy to run: the path given, `ENVOY_PATH`, `envoy` on PATH, the cache, or else the pinned release, which is
 * fetched into the cache.
 * @throws UserError when the one that was named cannot be used, or there is none and none can be fetched.
 */
export async function findEnvoy(given: string | undefined, log: Log): Promise<EnvoyBinary> {
  const [named, by] = given ? [given, 'the option envoy'] : [process.env['ENVOY_PATH'], 'ENVOY_PATH'];
  if (named) {
    if (!isExecutable(named))
      throw new UserError(`${named}, which ${by} names, is not a program that can be run.`);
    return inspectEnvoy(named);
  }
  const onPath = which('envoy');
  if (onPath) {
    try {
      return await inspectEnvoy(onPath);
    } catch (error) {
      log('stack', `not used: ${messageOf(error)}`);
    }
  }
  return inspectEnvoy(cachedEnvoy() ?? (await fetchEnvoy(log)));
}
