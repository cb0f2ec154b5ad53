/** The work of the go-extproc scaffold on @eg/extproc: `node server.mjs <core> <sync|async>`. */
import process from 'node:process';
import { serve } from '@eg/extproc';

const [core, kind] = process.argv.slice(2);

/** @type {import('@eg/extproc').Processor} */
const processor = {
  onRequestHeaders: (headers) =>
    headers.get('x-eg-deny') === 'true'
      ? { respond: { status: 403, body: 'denied by my-filter\n' } }
      : { set: { 'x-eg-request': 'my-filter' } },
  onResponseHeaders: () => ({ set: { 'x-eg-response': 'my-filter' } }),
};

await serve(
  kind === 'async'
    ? {
        onRequestHeaders: async (headers, exchange) => processor.onRequestHeaders?.(headers, exchange),
        onResponseHeaders: async (headers, exchange) => processor.onResponseHeaders?.(headers, exchange),
      }
    : processor,
  { core: core === 'native' ? 'native' : 'grpc-js' },
);
