import { problems, run } from './testing/run.ts';
import { echo } from './testing/server.ts';

describe('without a way to ask the upstream', () => {
  const remote = { local: false };

  it('reads the echo of the local stack from its answer', async () => {
    const results = await run(
      '  - { name: it, request: { method: POST, body: text }, upstream: { method: POST, path: /a, headers: { x-eg-verify-id: { present: true } }, body: text } }',
      echo,
      remote,
    );
    expect(problems(results)).toEqual(['upstream path: "/a" | "/" (1)']);
    expect(results[0]?.notChecked).toEqual([]);
  });

  it("reads the echo of Envoy Gateway's quickstart, which does not report bodies", async () => {
    const results = await run(
      '  - { name: it, upstream: { path: /a, headers: { x-a: [b, c], host: www.example.com }, body: text } }',
      (_, response) => {
        response.end(
          JSON.stringify({
            path: '/',
            host: 'www.example.com',
            method: 'GET',
            proto: 'HTTP/1.1',
            headers: { Accept: ['*/*'], 'X-A': ['b', 'c'] },
            namespace: 'default',
            pod: 'backend-1',
          }),
        );
      },
      remote,
    );
    expect(problems(results)).toEqual(['upstream path: "/a" | "/" (1)']);
    expect(results[0]?.notChecked).toEqual([
      'upstream body not checked: the echo service there does not report it',
    ]);
  });

  it('says that nothing was checked where no echo answers', async () => {
    const results = await run(
      '  - { name: reaches, upstream: { path: / } }\n  - { name: denied, upstream: none }',
      (_, response) => void response.end('{"method":1}'),
      remote,
    );
    expect(problems(results)).toEqual([]);
    expect(results.map(({ notChecked }) => notChecked)).toEqual([
      [expect.stringMatching(/^upstream not checked: no echo service answered/)],
      [expect.stringMatching(/^upstream not checked: no echo service answered/)],
    ]);
  });

  it('takes an answer that is no echo for a denial, once another answer was one', async () => {
    const results = await run(
      '  - { name: denied, request: { path: /deny }, upstream: none, response: { status: 403 } }\n' +
        '  - { name: not denied, upstream: none }',
      (request, response, got) => {
        if (request.url === '/deny') response.writeHead(403).end('no');
        else return echo(request, response, got);
      },
      remote,
    );
    expect(results.map(({ notChecked }) => notChecked)).toEqual([[], []]);
    expect(problems(results)).toEqual(['upstream: nothing | GET / (1)']);
  });
});
