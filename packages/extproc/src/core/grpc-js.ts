import type * as Grpc from '@grpc/grpc-js';
import type { Stream } from '../protocol/stream.ts';
import { GrpcStatus } from '../status.ts';
import { type ProcessingResponse, writeResponse } from '../wire/response.ts';
import { Writer } from '../wire/writer.ts';
import {
  type Core,
  type CoreOptions,
  type Limits,
  type Listener,
  serviceName,
  type TlsOptions,
  type Transport,
} from './core.ts';
import { Health } from './health.ts';

type Call = Grpc.ServerDuplexStream<Buffer, Buffer>;

/** The core that runs wherever Node does. @throws when @grpc/grpc-js is not installed */
export async function loadGrpcJs(): Promise<Core> {
  const grpc = await import('@grpc/grpc-js');
  return { name: 'grpc-js', listen: (options, open) => listen(grpc, options, open) };
}

async function listen(
  grpc: typeof Grpc,
  { address, tls, limits }: CoreOptions,
  open: (transport: Transport) => Stream,
): Promise<Listener> {
  const server = new grpc.Server({
    'grpc.max_receive_message_length': limits.messageBytes,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': limits.streamsPerConnection,
  });
  const health = new Health(grpc);
  health.register(server);
  server.addService(
    {
      Process: {
        path: `/${serviceName}/Process`,
        requestStream: true,
        responseStream: true,
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    },
    { Process: (call: Call) => carry(call, limits, open) },
  );
  const target = 'path' in address ? `unix:${address.path}` : `${bracketed(address.host)}:${address.port}`;
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(target, credentials(grpc, tls), (error, port) =>
      error ? reject(error) : resolve(port),
    ),
  );
  return {
    port: 'path' in address ? 0 : port,
    setServing: (serving) => health.set(serving),
    drain: () => {
      health.end();
      return new Promise((resolve, reject) =>
        server.tryShutdown((error) => (error ? reject(error) : resolve())),
      );
    },
    close: () => server.forceShutdown(),
  };
}

const same = (bytes: Buffer): Buffer => bytes;

/** An IPv6 address needs brackets in front of a port. */
function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function credentials(grpc: typeof Grpc, tls: TlsOptions | undefined): Grpc.ServerCredentials {
  if (!tls) return grpc.ServerCredentials.createInsecure();
  const { certificate, key, clientAuthorities } = tls;
  return grpc.ServerCredentials.createSsl(
    clientAuthorities ? Buffer.from(clientAuthorities) : null,
    [{ cert_chain: Buffer.from(certificate), private_key: Buffer.from(key) }],
    clientAuthorities !== undefined,
  );
}

/** Joins a call and a stream. */
function carry(call: Call, limits: Limits, open: (transport: Transport) => Stream): void {
  const writer = new Writer(512);
  let unhandled = 0;
  let ended = false;
  const encode = (response: ProcessingResponse): Buffer => {
    writer.position = 0;
    writeResponse(writer, response);
    return writer.take();
  };
  const consumed = (bytes: number) => {
    unhandled -= bytes;
    flow();
  };
  /** Reads only while neither handlers nor Envoy lag behind. */
  const flow = () => {
    const full = unhandled >= limits.bufferedBytes || call.writableLength >= limits.bufferedBytes;
    if (full && !call.isPaused()) call.pause();
    else if (!full && call.isPaused()) call.resume();
  };
  const stream = open({
    send: (response, handled) => {
      call.write(encode(response));
      consumed(handled);
    },
    sendAndWait: async (response) => {
      if (call.write(encode(response)) || call.destroyed) return;
      await new Promise<void>((resolve) => {
        call.once('drain', resolve);
        call.once('close', resolve);
        call.once('cancelled', resolve);
      });
    },
    consumed,
    end: (status, message) => {
      ended = true;
      if (status === GrpcStatus.OK) call.end();
      else call.emit('error', { code: status, details: message });
    },
  });
  call.on('data', (message: Buffer) => {
    unhandled += message.length;
    stream.message(message);
    if (!ended) flow();
  });
  call.on('drain', flow);
  call.on('end', () => stream.halfClosed());
  call.on('cancelled', () => stream.cancelled());
  call.on('error', () => stream.cancelled());
}
