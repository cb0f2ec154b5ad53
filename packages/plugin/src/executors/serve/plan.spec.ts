import { isIgnored, needsBuild, planServe, type ServeOptions } from './plan.ts';

const context = { workspaceRoot: '/ws', projectRoot: 'services/mine', build: undefined };

it('watches the project and serves on a free port, when nothing is said', () => {
  expect(planServe({}, context)).toEqual({
    root: '/ws/services/mine',
    watched: ['/ws/services/mine'],
    builds: false,
  });
});

it.each<[ServeOptions, object]>([
  [{ port: 8080 }, { port: 8080 }],
  [{ envoy: 'bin/envoy' }, { envoyPath: '/ws/bin/envoy' }],
  [{ envoy: '/opt/envoy' }, { envoyPath: '/opt/envoy' }],
  [
    { policy: 'other', logLevel: 'debug' },
    { policy: 'other', logLevel: 'debug' },
  ],
  [{ watch: false }, { watched: [] }],
])('takes %j', (options, expected) => {
  expect(planServe(options, context)).toMatchObject(expected);
});

it('also watches what the build reads elsewhere in the workspace', () => {
  const inputs = [
    '{projectRoot}/**/*',
    '!{workspaceRoot}/no/**/*',
    '{workspaceRoot}/libs/a/**/*',
    '{workspaceRoot}/**/Cargo.lock',
    { env: 'RUSTFLAGS' },
  ];
  const plan = planServe({}, { ...context, build: { inputs } });
  expect(plan).toMatchObject({ builds: true, watched: ['/ws/services/mine', '/ws/libs/a'] });
});

it.each([0, -1, 65_536, 1.5, Number.NaN])('refuses port %d', (port) => {
  expect(() => planServe({ port }, context)).toThrow(
    `--port=${port}: must be a whole number from 1 to 65535`,
  );
});

it.each([
  ['main.go', false, true],
  ['internal/server/server.go', false, true],
  ['', false, true],
  ['k8s/base/policy.yaml', false, false],
  ['lua/k8s/x.lua', false, true],
  ['contract.yaml', false, false],
  ['README.md', false, false],
  ['dist/mine', true, true],
  ['target/release/x', true, true],
  ['node_modules/a/b', true, true],
  ['.git/HEAD', true, true],
  ['src/.filter.rs.swp', true, true],
  ['main.go~', true, true],
  ['4913', true, true],
  ['distance/a.go', false, true],
])('%s: ignored %s, built for %s', (path, ignored, built) => {
  expect(isIgnored(path)).toBe(ignored);
  expect(needsBuild(path)).toBe(built);
});
