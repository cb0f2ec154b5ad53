import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseContract } from '../../contract/parse.ts';
import { reportOf } from '../../contract/report.ts';
import { startServer, type TestServer } from '../../contract/testing/server.ts';
import type { Run } from './local.ts';
import { verifyGateway } from './gateway.ts';
import { planVerify } from './plan.ts';

let gateway: TestServer;
let admin: Server;
let runs = 0;

beforeAll(async () => {
  gateway = await startServer();
  // What Envoy's admin interface answers, as far as it is asked.
  admin = createServer((request, response) => {
    if (!request.url?.startsWith('/stats')) return void response.writeHead(404).end();
    response.end(`http.http-10080.lua.executions: ${runs}\nhttp.http-10080.lua.errors: 0\nserver.live: 1\n`);
    runs += 3;
  });
  await new Promise<void>((resolve) => admin.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await gateway.close();
  await new Promise((resolve) => admin.close(resolve));
});

async function verify(options: { admin?: string }, mechanism = 'lua') {
  const contract = parseContract(
    'requests: [{ name: it, upstream: { headers: { host: a.example } } }]',
    'c',
    '.',
  );
  const plan = planVerify(
    { url: gateway.url, header: ['Host: a.example'], ...options },
    { workspaceRoot: '/', projectRoot: '' },
  );
  const run = {
    extension: { name: 'my-filter', mechanism },
    contract,
    entries: contract.entries,
    plan,
  } as unknown as Run;
  const interrupted = new Promise<never>(() => undefined);
  if (plan.where.kind !== 'gateway') throw new Error('no gateway');
  return reportOf(await verifyGateway({ ...run, interrupted }, plan.where));
}

describe('verify of a gateway', () => {
  it('compares what its echo service says, and says that loading was not proven', async () => {
    expect(await verify({})).toMatchObject({
      ok: true,
      url: gateway.url,
      entries: [
        { ok: true, notChecked: [], curl: expect.stringMatching(/^curl .*-H 'Host: a\.example'/) as string },
      ],
      proofs: [{ name: 'loaded', ok: null, detail: expect.stringMatching(/--admin/) as string }],
    });
  });

  it("proves loading by its Envoy's statistics", async () => {
    const { port } = admin.address() as AddressInfo;
    const report = await verify({ admin: `http://127.0.0.1:${port}` });
    expect(report.proofs).toEqual([
      { name: 'loaded', ok: true, detail: expect.stringMatching(/ran the script 3 times/) as string },
    ]);
  });

  it('fails when the statistics show nothing of the extension', async () => {
    const { port } = admin.address() as AddressInfo;
    expect(await verify({ admin: `http://127.0.0.1:${port}` }, 'ext_proc')).toMatchObject({
      ok: false,
      proofs: [{ ok: false }],
    });
  });

  it('says so when the admin interface does not answer', async () => {
    await expect(verify({ admin: 'http://127.0.0.1:1' })).rejects.toThrow(/127\.0\.0\.1:1/);
  });
});
