import { go } from './go.ts';

const base = ['build', '-buildmode=c-shared', '-trimpath'];
const output = ['-o', '/w/my filter/dist/unchecked.wasm', '.'];

it.each([
  [{}, [...base, '-ldflags=-s -w', ...output]],
  [{ profile: 'dev' }, [...base, ...output]],
  [{ features: ['a', 'b'] }, [...base, '-ldflags=-s -w', '-tags=a,b', ...output]],
])('%j runs go in the project', (options, args) =>
  expect(go('/w/my filter', options).compile).toMatchObject({
    command: 'go',
    args,
    cwd: '/w/my filter',
    env: { GOOS: 'wasip1', GOARCH: 'wasm' },
  }),
);

it.each(['go1.24\n', 'go1.26.8\n', 'go1.27rc1\n', 'devel go1.28-abcdef Mon Jan 1\n', 'devel +abcdef\n'])(
  'takes %j',
  (version) => expect(go('/w', {}).missing(version)).toBeUndefined(),
);

it.each(['go1.23.4\n', 'go1.9\n'])('refuses %j, and says what to get', (version) =>
  expect(go('/w', {}).missing(version)).toMatch(/need Go 1\.24 or newer.*go1\.(23\.4|9)\. Install.*go\.dev/),
);
