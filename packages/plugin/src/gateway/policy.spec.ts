import type { Resource } from './manifests.ts';
import { choosePolicy } from './policy.ts';

const resource = (name: string, kind = 'EnvoyExtensionPolicy'): Resource => ({
  apiVersion: 'gateway.envoyproxy.io/v1alpha1',
  kind,
  name,
  namespace: 'default',
  value: {},
  at: () => `${name}.yaml:1:1`,
});
const choose = (names: string[], wanted?: string) =>
  choosePolicy(
    [resource('other', 'Service'), ...names.map((name) => resource(name))],
    'mine',
    wanted,
    'k8s/base',
  ).name;

it.each([
  [['other'], undefined, 'other'],
  [['other', 'mine'], undefined, 'mine'],
  [['other', 'mine'], 'other', 'other'],
])('of %j, %s wanted: %s', (names, wanted, expected) => {
  expect(choose(names, wanted)).toBe(expected);
});

it.each([
  [
    [],
    undefined,
    'k8s/base: there is no EnvoyExtensionPolicy, so nothing says how Envoy loads the extension.',
  ],
  [
    ['a', 'b'],
    undefined,
    'k8s/base: there are several policies (a, b) and none is called mine. Choose one with --policy=<name>.',
  ],
  [['a'], 'b', "k8s/base: there is no EnvoyExtensionPolicy 'b'. There are: a."],
  [
    ['mine', 'mine'],
    undefined,
    'mine.yaml:1:1: a second EnvoyExtensionPolicy is called mine; the first: mine.yaml:1:1.',
  ],
])('of %j, %s wanted: an error', (names, wanted, message) => {
  expect(() => choose(names, wanted)).toThrow(message);
});
