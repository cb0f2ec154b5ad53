import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import type { Address } from './core/core.ts';

/**
 * Reads where to listen.
 * @param text `:9002`, `127.0.0.1:9002`, `[::1]:9002` or `unix:/path/to.sock`; port 0 takes a free one
 * @throws {Error} that says what is wrong
 */
export function parseAddress(text: string): Address {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length);
    if (!path) throw new Error(`cannot listen on ${JSON.stringify(text)}: the path is missing`);
    return { path };
  }
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535)
    throw new Error(
      `cannot listen on ${JSON.stringify(text)}: it has to be host:port, :port or unix:/path/to.sock`,
    );
  return { host: match[1] ?? (match[2] || '::'), port };
}

/**
 * Removes a socket that a killed process left behind, but no other file and no socket in use.
 * @throws {Error} when the path is taken
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return;
  if (!stats.isSocket()) throw new Error(`cannot listen on ${path}: it exists and is not a socket`);
  if (await answers(path)) throw new Error(`cannot listen on ${path}: another process does`);
  unlinkSync(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => done(true)).once('error', () => done(false));
  });
}

/** Lets owner and group connect: in a pod, Envoy can be another user that shares fsGroup. */
export function openToGroup(path: string): void {
  chmodSync(path, 0o660);
}
