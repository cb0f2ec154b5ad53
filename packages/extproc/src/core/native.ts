import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Stream } from '../protocol/stream.ts';
import { type ProcessingResponse, writeResponse } from '../wire/response.ts';
import { Writer } from '../wire/writer.ts';
import type { Core, CoreOptions, Listener, TlsOptions, Transport } from './core.ts';

/** What native/src/lib.rs offers. */
interface Addon {
  Server: { listen(options: AddonOptions, wake: () => void): AddonServer };
}

interface AddonOptions {
  path?: string;
  host?: string;
  port?: number;
  certificate?: Buffer;
  key?: Buffer;
  clientAuthorities?: Buffer;
  maxMessage: number;
  maxStreams: number;
  highWater: number;
}

interface AddonServer {
  readonly port: number;
  drain(): Buffer | null;
  reply(replies: Buffer, length: number): void;
  setServing(serving: boolean): void;
  shutdown(): void;
  close(): void;
}

/** Kinds of events, as in native/src/events.rs. */
const kind = { message: 0, halfClosed: 1, cancelled: 2, written: 3, closed: 4 } as const;
/** Flags of replies, as in native/src/replies.rs. */
const flag = { none: 0, message: 1, receipt: 2, end: 4 } as const;
const statusShift = 8;

const eventHead = 12;
const replyHead = 16;
const grpcPrefix = 5;

/** Batches handled before other work of the event loop gets its turn. */
const batchesAtOnce = 16;
/** Answers that may be on their way to Envoy's window on one stream. */
const receiptsAtOnce = 4;

/**
 * Finds the addon: the package for this platform, or the one built in this repository.
 * @throws when there is none, or it cannot be loaded
 */
export function loadNative(): Core {
  const require = createRequire(import.meta.url);
  const platform = platformName();
  let addon: Addon;
  try {
    addon = require(`@eg/extproc-${platform}`) as Addon;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    const built = join(import.meta.dirname, '..', '..', 'native', 'dist', `extproc.${platform}.node`);
    addon = require(built) as Addon;
  }
  return {
    name: 'native',
    listen: (options, open) => Promise.resolve(new NativeListener(addon, options, open)),
  };
}

/** The platform in the words of @napi-rs/cli. */
function platformName(): string {
  const { platform, arch } = process;
  if (platform === 'linux') return `linux-${arch}-${isMusl() ? 'musl' : 'gnu'}`;
  return platform === 'win32' ? `win32-${arch}-msvc` : `${platform}-${arch}`;
}

function isMusl(): boolean {
  const report = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return report.header.glibcVersionRuntime === undefined;
}

class NativeListener implements Listener {
  readonly #server: AddonServer;
  readonly #open: (transport: Transport) => Stream;
  readonly #streams = new Map<number, NativeTransport>();
  readonly #replies = new Writer();
  #working = false;
  #flushing = false;
  #closed: () => void = () => undefined;

  constructor(addon: Addon, { address, limits, tls }: CoreOptions, open: (transport: Transport) => Stream) {
    this.#open = open;
    this.#server = addon.Server.listen(
      {
        ...address,
        ...pems(tls),
        maxMessage: limits.messageBytes,
        maxStreams: limits.streamsPerConnection,
        highWater: limits.bufferedBytes,
      },
      () => this.#work(),
    );
  }

  get port(): number {
    return this.#server.port;
  }

  setServing(serving: boolean): void {
    this.#server.setServing(serving);
  }

  drain(): Promise<void> {
    return new Promise((resolve) => {
      this.#closed = resolve;
      this.#server.shutdown();
    });
  }

  close(): void {
    this.#server.close();
    for (const transport of this.#streams.values()) transport.gone();
    this.#streams.clear();
  }

  /** Appends a reply to the batch. Its head says what it is about; see native/src/replies.rs. */
  reply(id: number, flags: number, consumed: number, payload?: ProcessingResponse | string): void {
    const writer = this.#replies;
    writer.reserve(replyHead + grpcPrefix);
    const head = writer.position;
    writer.position += replyHead;
    if (typeof payload === 'string') {
      writer.raw(encodeURIComponent(payload));
    } else if (payload) {
      const prefix = writer.position;
      writer.position += grpcPrefix;
      writeResponse(writer, payload);
      writer.buffer[prefix] = 0;
      writer.buffer.writeUInt32BE(writer.position - prefix - grpcPrefix, prefix + 1);
    }
    const { buffer } = writer;
    buffer.writeUInt32LE(id, head);
    buffer.writeUInt32LE(flags, head + 4);
    buffer.writeUInt32LE(consumed, head + 8);
    buffer.writeUInt32LE(writer.position - head - replyHead, head + 12);
    this.#flushSoon();
  }

  forget(id: number): void {
    this.#streams.delete(id);
  }

  /** Takes what has happened, and hands back the answers that are there by then. */
  #work(): void {
    this.#working = true;
    for (let count = 0; count < batchesAtOnce; count++) {
      const batch = this.#server.drain();
      if (!batch) {
        this.#working = false;
        return;
      }
      this.#dispatch(batch);
      this.#flush();
    }
    this.#working = false;
    setImmediate(() => this.#work());
  }

  #dispatch(batch: Buffer): void {
    for (let at = 0; at < batch.length;) {
      const id = batch.readUInt32LE(at);
      const event = batch.readUInt32LE(at + 4);
      const start = at + eventHead;
      at = start + batch.readUInt32LE(at + 8);
      switch (event) {
        case kind.message:
          this.#transport(id).stream?.message(batch.subarray(start, at));
          break;
        case kind.halfClosed:
          this.#streams.get(id)?.stream?.halfClosed();
          break;
        case kind.cancelled:
          this.#streams.get(id)?.gone();
          this.#streams.delete(id);
          break;
        case kind.written:
          this.#streams.get(id)?.written();
          break;
        case kind.closed:
          this.#closed();
      }
    }
  }

  #transport(id: number): NativeTransport {
    let transport = this.#streams.get(id);
    if (!transport) {
      transport = new NativeTransport(id, this);
      this.#streams.set(id, transport);
      transport.stream = this.#open(transport);
    }
    return transport;
  }

  /** Answers of asynchronous handlers that settle in one turn share a crossing. */
  #flushSoon(): void {
    if (this.#working || this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    const { buffer, position } = this.#replies;
    if (!position) return;
    this.#replies.position = 0;
    this.#server.reply(buffer, position);
    this.#replies.shrink();
  }
}

class NativeTransport implements Transport {
  stream: Stream | undefined;
  readonly #id: number;
  readonly #listener: NativeListener;
  #unwritten = 0;
  #waiting: (() => void)[] = [];

  constructor(id: number, listener: NativeListener) {
    this.#id = id;
    this.#listener = listener;
  }

  send(response: ProcessingResponse, consumed: number): void {
    this.#listener.reply(this.#id, flag.message, consumed, response);
  }

  sendAndWait(response: ProcessingResponse): Promise<void> {
    this.#listener.reply(this.#id, flag.message | flag.receipt, 0, response);
    if (++this.#unwritten < receiptsAtOnce) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  consumed(bytes: number): void {
    this.#listener.reply(this.#id, flag.none, bytes);
  }

  end(status: number, message: string): void {
    this.#listener.reply(this.#id, flag.end | (status << statusShift), 0, message);
    this.#listener.forget(this.#id);
    this.#release();
  }

  /** An answer that asked for a receipt has found its way. */
  written(): void {
    this.#unwritten--;
    this.#release();
  }

  /** The stream has been lost. */
  gone(): void {
    this.stream?.cancelled();
    this.#release();
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

function pems(tls: TlsOptions | undefined) {
  if (!tls) return {};
  const { certificate, key, clientAuthorities } = tls;
  return {
    certificate: Buffer.from(certificate),
    key: Buffer.from(key),
    ...(clientAuthorities ? { clientAuthorities: Buffer.from(clientAuthorities) } : {}),
  };
}
