#!/usr/bin/env node
// An external processor without dependencies: sets the response header x-mine to $VALUE. CRASH=start ends it before it
// serves, CRASH=request at the first request.
import { createServer } from 'node:http2';

const { LISTEN = '', VALUE = '', CRASH } = process.env;
console.error(`serving ${VALUE}`);
if (CRASH === 'start') throw new Error('cannot read the settings');

/** A length-delimited protobuf field. */
const field = (number, content) => {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
};
// ProcessingResponse.response_headers(2).response(1).header_mutation(2).set_headers(1).header(1): key(1), raw_value(3)
const header = Buffer.concat([field(1, 'x-mine'), field(3, VALUE)]);
const answer = [1, 1, 2, 1, 2].reduce((content, number) => field(number, content), header);
const frame = (message) => Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);

const server = createServer();
server.on('session', (session) => sessions.add(session.once('close', () => sessions.delete(session))));
server.on('stream', (stream, headers) => {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.on('error', () => {});
  if (headers[':path'] === '/grpc.health.v1.Health/Check')
    return stream.end(frame(Buffer.from([0x08, 0x01])));
  stream.on('data', () => {
    if (CRASH === 'request') throw new Error('no such header');
    stream.write(frame(answer));
  });
  stream.on('end', () => stream.end());
});
const sessions = new Set();
server.listen(LISTEN.replace(/^unix:/, ''));
process.on('SIGTERM', () => {
  server.close();
  for (const session of sessions) session.close();
});
