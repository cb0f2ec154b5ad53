import { setTimeout as sleep } from 'node:timers/promises';
import { problems, run, runOverTcp } from './testing/run.ts';
import { echo, startServer } from './testing/server.ts';

describe('what is sent', () => {
  it.each([
    [
      'a plain request',
      'request: { path: "/a%20b?c=d" }',
      'upstream: { method: GET, path: "/a%20b?c=d", body: "", headers: { content-length: { absent: true }, transfer-encoding: { absent: true } } }',
    ],
    [
      'headers',
      'request: { headers: { X-A: [one, two], x-b: "", x-c: ü → } }',
      'upstream: { headers: { x-a: [one, two], x-b: "", x-c: ü → } }',
    ],
    [
      'a host of its own',
      'request: { headers: { host: www.example.com } }',
      'upstream: { headers: { host: www.example.com } }',
    ],
    [
      'a body',
      'request: { method: POST, body: text }',
      'upstream: { method: POST, body: text, headers: { content-length: "4" } }',
    ],
    ['no body', 'request: { method: POST }', 'upstream: { body: "", headers: { content-length: "0" } }'],
    ['a body with GET', 'request: { body: text }', 'upstream: { method: GET, body: text }'],
    ['bytes', 'request: { method: PUT, body: { base64: /wA= } }', 'upstream: { body: { base64: /wA= } }'],
    [
      '1 MiB',
      'request: { method: POST, body: { size: 1MiB } }',
      'upstream: { body: { size: 1MiB, fill: "0123456789" }, headers: { content-length: "1048576" } }',
    ],
    [
      '1 MiB in chunks',
      'request: { method: POST, body: { size: 1MiB }, chunked: true }',
      'upstream: { body: { size: 1MiB, fill: "0123456789" }, headers: { content-length: { absent: true }, transfer-encoding: chunked } }',
    ],
    [
      'chunks',
      'request: { method: POST, body: { chunks: [a, b] } }',
      'upstream: { body: ab, headers: { transfer-encoding: chunked } }',
    ],
    [
      'an empty chunked body',
      'request: { method: POST, body: "", chunked: true }',
      'upstream: { body: "", headers: { transfer-encoding: chunked } }',
    ],
    [
      'trailers',
      'request: { method: POST, body: text, trailers: { x-t: "1" } }',
      'upstream: { body: text, headers: { trailer: x-t }, trailers: { x-t: "1", x-u: { absent: true } } }',
    ],
    ['HEAD', 'request: { method: HEAD }', 'upstream: { method: HEAD }\n    response: { body: "" }'],
  ])('%s', async (_title, request, expected) => {
    const results = await run(`  - name: it\n    ${request}\n    ${expected}\n`);
    expect(problems(results)).toEqual([]);
    expect(results[0]).toMatchObject({ requests: 1, notChecked: [] });
    expect(results[0]?.times).toHaveLength(1);
  });

  it('the chunks arrive apart', async () => {
    const chunks: string[] = [];
    const results = await runOverTcp(
      '  - { name: it, request: { method: POST, body: { chunks: [aa, bb] } }, response: { status: 200 } }',
      (data, socket) => {
        chunks.push(data);
        if (data.endsWith('0\r\n\r\n')) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      },
    );
    expect(problems(results)).toEqual([]);
    expect(chunks.join('')).toContain('\r\n\r\n2\r\naa\r\n2\r\nbb\r\n0\r\n\r\n');
    expect(chunks.length).toBeGreaterThan(1);
  });

  it('headers for every request, unless it has its own', async () => {
    const results = await run(
      '  - { name: one, upstream: { headers: { host: a.example, x-a: b } } }\n' +
        '  - { name: two, request: { headers: { X-A: own } }, upstream: { headers: { host: a.example, x-a: own } } }',
      echo,
      { headers: { Host: 'a.example', 'x-a': 'b' } },
    );
    expect(problems(results)).toEqual([]);
  });
});

describe('repetition', () => {
  it('sends as often and as many at once as asked, and checks every answer', async () => {
    let active = 0;
    let most = 0;
    let count = 0;
    const results = await run(
      '  - { name: it, repeat: 30, concurrency: 5, response: { headers: { x-a: b } } }',
      async (_request, response) => {
        most = Math.max(most, ++active);
        await sleep(5);
        active--;
        if (++count % 10) response.setHeader('x-a', 'b');
        response.end();
      },
    );
    expect({ count, most }).toEqual({ count: 30, most: 5 });
    expect(results[0]?.times).toHaveLength(30);
    expect(problems(results)).toEqual(['response header x-a: "b" | absent (3)']);
  });

  it('uses a connection again', async () => {
    const ports = new Set<number | undefined>();
    await run('  - { name: it, repeat: 10, response: { status: 200 } }', (request, response) => {
      ports.add(request.socket.remotePort);
      response.end();
    });
    expect(ports.size).toBe(1);
  });
});

describe('what goes wrong is told', () => {
  it('a status, a header, a body, and a trailer of the response', async () => {
    const results = await run(
      '  - { name: it, response: { status: 403, headers: { x-a: { absent: true } }, body: no, trailers: { x-t: b } } }',
      (_request, response) => {
        response.setHeader('x-a', 'b');
        response.setHeader('trailer', 'x-t');
        response.write('yes');
        response.addTrailers({ 'x-t': 'c' });
        response.end();
      },
    );
    expect(problems(results)).toEqual([
      'response status: 403 | 200 (1)',
      'response header x-a: absent | "b" (1)',
      'response trailer x-t: "b" | "c" (1)',
      'response body: "no" | "yes" (1)',
    ]);
  });

  it('a status other than 200 even where nothing is said about it', async () => {
    const results = await run('  - { name: it, upstream: { method: GET } }', (_request, response) => {
      response.writeHead(500).end();
    });
    expect(problems(results)).toEqual(['response status: 200 | 500 (1)']);
  });

  it('what the upstream saw', async () => {
    const results = await run(
      '  - { name: it, upstream: { method: POST, path: /a, headers: { x-a: b }, body: c } }',
    );
    expect(problems(results)).toEqual([
      'upstream method: POST | GET (1)',
      'upstream path: "/a" | "/" (1)',
      'upstream header x-a: "b" | absent (1)',
      'upstream body: "c" | "" (1)',
    ]);
  });

  it('a request that should not have reached the upstream', async () => {
    const results = await run(
      '  - { name: it, repeat: 2, upstream: none, response: { status: 403 } }',
      (_, response) => {
        response.writeHead(403).end();
      },
    );
    expect(problems(results)).toEqual(['upstream: nothing | GET / (2)']);
  });

  it('a request that did not reach the upstream', async () => {
    const results = await run(
      '  - { name: it, upstream: { method: GET } }',
      (_, response) => void response.end(),
      {
        seen: () => undefined,
      },
    );
    expect(problems(results)).toEqual([
      expect.stringMatching(/^upstream: the request \| nothing: it was not forwarded/),
    ]);
  });

  it('a time budget that is exceeded', async () => {
    const results = await run(
      '  - { name: it, within: 20ms, response: { status: 200 } }',
      async (_, response) => {
        await sleep(60);
        response.end();
      },
    );
    expect(problems(results)).toEqual([expect.stringMatching(/^time: at most 20 ms \| \d+ ms \(1\)$/)]);
  });

  it('an answer that does not come, or not to its end', async () => {
    const results = await run(
      '  - { name: none, request: { path: /none }, response: { status: 200 } }\n' +
        '  - { name: half, request: { path: /half }, response: { status: 200 } }\n' +
        '  - { name: cut, request: { path: /cut }, response: { status: 200 } }',
      (request, response) => {
        if (request.url === '/none') return;
        response.writeHead(200, { 'content-length': 10 }).write('half');
        if (request.url === '/cut') setTimeout(() => response.destroy(), 20);
      },
      { timeoutMs: 100 },
    );
    expect(problems(results)).toEqual([
      'response: an answer | no complete answer within 100 ms (1)',
      'response: an answer | no complete answer within 100 ms (1)',
      'response: an answer | the answer ends after 4 bytes, before it is complete (1)',
    ]);
    expect(results.map(({ times }) => times.length)).toEqual([0, 0, 0]);
  });

  it('a connection that is refused, without trying forever', async () => {
    const gone = await startServer();
    await gone.close();
    const results = await run('  - { name: it, repeat: 1000, response: { status: 200 } }', echo, {
      origin: gone.url,
    });
    expect(problems(results)).toEqual([expect.stringMatching(/ECONNREFUSED.*\(5\)$/)]);
    expect(results[0]?.requests).toBe(5);
  });
});

it('takes an answer that comes before the body is sent', async () => {
  let answered = false;
  const results = await runOverTcp(
    '  - { name: it, request: { method: POST, body: { size: 32MiB } }, response: { status: 403 } }',
    (_, socket) => {
      if (!answered) socket.write('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
      answered = true;
    },
  );
  expect(problems(results)).toEqual([]);
});

it('ends early when it is told to', async () => {
  const controller = new AbortController();
  const results = await run(
    '  - { name: one, repeat: 1000, response: { status: 200 } }\n  - { name: two, response: { status: 200 } }',
    (_, response) => {
      controller.abort();
      response.end();
    },
    { signal: controller.signal },
  );
  expect(results).toHaveLength(1);
  expect(results[0]?.requests).toBeLessThan(3);
});
