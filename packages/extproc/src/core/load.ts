import type { Log } from '../log.ts';
import type { Core, CoreName } from './core.ts';
import { loadGrpcJs } from './grpc-js.ts';
import { loadNative } from './native.ts';

/**
 * The native core where there is one for this platform, else the one on grpc-js, with one notice.
 * @throws when the wanted core, or any, cannot be loaded
 */
export async function loadCore(wanted: CoreName | 'auto', log: Log): Promise<Core> {
  if (wanted === 'grpc-js') return loadGrpcJs();
  try {
    return loadNative();
  } catch (error) {
    if (wanted === 'native') throw error;
    log({
      level: 'warn',
      message:
        'no native core for this platform: running on grpc-js, with about half the throughput. Its HTTP/2 ends ' +
        'connections after about 1,000 streams and fails requests then, unless the policy sets ' +
        'extProc[].backendSettings.circuitBreaker.maxRequestsPerConnection: 900.',
      platform: `${process.platform}-${process.arch}`,
      reason: error instanceof Error ? error.message : String(error),
    });
    return loadGrpcJs();
  }
}
