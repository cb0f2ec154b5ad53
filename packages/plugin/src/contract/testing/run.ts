import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { parseContract } from '../parse.ts';
import { runEntries, type Endpoint, type EntryResult } from '../run.ts';
import { echo, startServer } from './server.ts';

/** Runs the entries of a contract against a server that answers with `answer`. */
export async function run(
  requests: string,
  answer: Parameters<typeof startServer>[0] = echo,
  { local = true, ...more }: Partial<Endpoint> & { local?: boolean; signal?: AbortSignal } = {},
): Promise<EntryResult[]> {
  const server = await startServer(answer);
  const { entries } = parseContract(`requests:\n${requests}`, 'contract.yaml', '.');
  const endpoint = {
    origin: server.url,
    headers: {},
    timeoutMs: 5000,
    ...(local && { seen: server.seen }),
    ...more,
  };
  try {
    return await runEntries(entries, endpoint, more.signal);
  } finally {
    await server.close();
  }
}

/** Runs the entries against a server that deals in bytes. */
export async function runOverTcp(requests: string, onData: (data: string, socket: Socket) => void) {
  const listener = createTcpServer((socket) => {
    socket.on('data', (data) => onData(data.toString(), socket)).on('error', () => undefined);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const results = await run(requests, echo, { local: false, origin });
  await new Promise((resolve) => listener.close(resolve));
  return results;
}

/** What went wrong, a line for each problem. */
export const problems = (results: EntryResult[]): string[] =>
  results.flatMap(({ problems }) =>
    problems.map(({ what, expected, got, requests }) => `${what}: ${expected} | ${got} (${requests})`),
  );
