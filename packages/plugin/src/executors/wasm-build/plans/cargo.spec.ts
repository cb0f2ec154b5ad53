import { cargo } from './cargo.ts';

const base = ['build', '--lib', '--target', 'wasm32-wasip1'];
const json = '--message-format=json-render-diagnostics';

it.each([
  [{}, [...base, '--profile', 'release', json]],
  [{ profile: 'dev' }, [...base, '--profile', 'dev', json]],
  [{ features: ['a', 'b'] }, [...base, '--profile', 'release', '--features', 'a,b', json]],
])('%j runs cargo in the project', (options, args) => {
  const { compile } = cargo('/w/my filter', options);
  expect(compile).toMatchObject({ command: 'cargo', args, cwd: '/w/my filter' });
});

describe('the module', () => {
  const artifact = (manifest: string, ...filenames: string[]) =>
    JSON.stringify({ reason: 'compiler-artifact', manifest_path: manifest, filenames });
  const find = (...lines: string[]) => cargo('/w/f', {}).module(lines.join('\n'));

  it('is where cargo says, among all that it compiled', () =>
    expect(
      find(
        artifact('/registry/log/Cargo.toml', '/target/liblog.rlib'),
        artifact('/w/other/Cargo.toml', '/target/other.wasm'),
        artifact('/w/f/Cargo.toml', '/target/libf.rlib', '/target/f.wasm'),
        '{"reason":"build-finished","success":true}',
        '',
      ),
    ).toBe('/target/f.wasm'));

  it('is missing when the crate is not a cdylib', () =>
    expect(() => find(artifact('/w/f/Cargo.toml', '/target/libf.rlib'))).toThrow('crate-type = ["cdylib"]'));
});
