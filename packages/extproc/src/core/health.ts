import type * as Grpc from '@grpc/grpc-js';
import { Reader } from '../wire/reader.ts';
import { Writer } from '../wire/writer.ts';
import { serviceName } from './core.ts';

const serving = 1;
const notServing = 2;
const unknownService = 3;

type Call = Grpc.ServerWritableStream<Buffer, Buffer>;

/** grpc.health.v1.Health for the core on grpc-js. */
export class Health {
  readonly #status: typeof Grpc.status;
  #serving = true;
  readonly #watches = new Set<Call>();

  constructor(grpc: typeof Grpc) {
    this.#status = grpc.status;
  }

  set(value: boolean): void {
    this.#serving = value;
    for (const call of this.#watches) call.write(this.#response(call.request));
  }

  /** Ends all watches, which would keep a server from draining. */
  end(): void {
    for (const call of this.#watches) call.end();
    this.#watches.clear();
  }

  register(server: Grpc.Server): void {
    const same = (bytes: Buffer): Buffer => bytes;
    const method = (name: string, responseStream: boolean) => ({
      path: `/grpc.health.v1.Health/${name}`,
      requestStream: false,
      responseStream,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    });
    server.addService(
      { Check: method('Check', false), Watch: method('Watch', true) },
      {
        Check: (call: Grpc.ServerUnaryCall<Buffer, Buffer>, done: Grpc.sendUnaryData<Buffer>) => {
          if (isKnown(call.request)) done(null, this.#response(call.request));
          else done({ code: this.#status.NOT_FOUND, details: 'unknown service' });
        },
        Watch: (call: Call) => {
          this.#watches.add(call);
          call.on('cancelled', () => this.#watches.delete(call));
          call.write(this.#response(call.request));
        },
      },
    );
  }

  #response(request: Buffer): Buffer {
    const writer = new Writer(16);
    writer.number(1, isKnown(request) ? (this.#serving ? serving : notServing) : unknownService);
    return writer.take();
  }
}

function isKnown(request: Buffer): boolean {
  let service = '';
  const reader = new Reader(request);
  while (reader.next()) if (reader.field === 1) service = reader.string;
  return service === '' || service === serviceName;
}
