import { connect as connectHttp2, constants, type IncomingHttpHeaders } from 'node:http2';
import { connect } from 'node:net';

/** Status SERVING of grpc.health.v1.HealthCheckResponse, as protobuf has it: field 1, value 1. */
const SERVING = Buffer.from([0x08, 0x01]);
/** gRPC puts a flag and a length before each message; this message (the request for the whole server) is empty. */
const EMPTY = Buffer.alloc(5);
const UNIMPLEMENTED = '12';

/**
 * Asks a gRPC server on a unix socket whether it serves (grpc.health.v1.Health/Check). A server without the health
 * service that answers at all counts as serving. Resolves to false when nothing answers within `timeoutMs`.
 */
export function isServing(socket: string, timeoutMs = 1000): Promise<boolean> {
  return new Promise((resolve) => {
    const session = connectHttp2('http://localhost', { createConnection: () => connect(socket) });
    const finish = (serving: boolean) => {
      clearTimeout(timer);
      session.destroy();
      resolve(serving);
    };
    const timer = setTimeout(() => finish(false), timeoutMs);
    session.on('error', () => finish(false));
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let body = Buffer.alloc(0);
    let unimplemented = false;
    const status = (headers: IncomingHttpHeaders) => {
      unimplemented ||= headers['grpc-status'] === UNIMPLEMENTED;
    };
    stream.on('response', status).on('trailers', status);
    stream.on('data', (chunk: Buffer) => (body = Buffer.concat([body, chunk])));
    stream.on('error', () => finish(false));
    stream.on('end', () => finish(unimplemented || body.subarray(EMPTY.length).equals(SERVING)));
    stream.end(EMPTY);
  });
}
