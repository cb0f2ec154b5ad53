import type { Resource } from '../gateway/manifests.ts';
import { readWorkload, type Workload } from './workload.ts';

const NAMESPACE = 'default';
const resource = (kind: string, name: string, value: Record<string, unknown>): Resource => ({
  ...{ apiVersion: 'v1', kind, name, namespace: NAMESPACE, value },
  at: (keys) => `${name}.yaml: ${keys.join('.')}`,
});
const service = (selector: unknown, name = 'mine') =>
  resource('Service', name, { spec: { selector, ports: [{ port: 9002 }] } });
const deployment = (container: object, labels = { app: 'mine', tier: 'x' }, name = 'deployment') =>
  resource('Deployment', name, {
    spec: { template: { metadata: { labels }, spec: { containers: [container, { command: ['other'] }] } } },
  });

const read = (...resources: Resource[]): Workload =>
  readWorkload(resources, { name: 'mine', namespace: NAMESPACE, port: 9002 }, 'policy.yaml:1:1', 'k8s/base');
const environment = (container: object, ...more: Resource[]) =>
  read(service({ app: 'mine' }), deployment(container), ...more).env;

it('is the first container of what the Service selects', () => {
  const container = { command: ['/mine', '--a=$(A)'], args: ['-v'], env: [{ name: 'A', value: '1' }] };
  const found = read(
    service({ app: 'mine' }),
    deployment({}, { app: 'other', tier: 'x' }, 'o'),
    deployment(container),
  );
  expect(found).toMatchObject({ resource: { name: 'deployment' }, args: ['--a=1', '-v'], env: { A: '1' } });
});

describe('its environment', () => {
  afterEach(() => delete process.env['SECRET']);
  const settings = resource('ConfigMap', 'settings', { data: { key: 'value', other: 'more' } });
  const secret = { name: 'SECRET', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } };

  it('expands earlier variables', () => {
    const env = [{ name: 'A', value: 'a' }, { name: 'B', value: '$(A)-$$(A)-$(C)-$A' }, { name: 'C' }];
    expect(environment({ env })).toEqual({ A: 'a', B: 'a-$(A)-$(C)-$A', C: '' });
  });

  it('takes values from ConfigMaps of the manifests', () => {
    const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'key' } } }];
    const envFrom = [{ prefix: 'P_', configMapRef: { name: 'settings' } }];
    expect(environment({ env, envFrom }, settings)).toEqual({ A: 'value', P_key: 'value', P_other: 'more' });
  });

  it('takes what only a cluster knows from the environment', () => {
    process.env['SECRET'] = 'known';
    expect(environment({ env: [secret] })).toEqual({ SECRET: 'known' });
  });

  it('leaves out what is optional', () => {
    const env = [{ name: 'SECRET', valueFrom: { secretKeyRef: { name: 's', key: 'k', optional: true } } }];
    const envFrom = [
      { secretRef: { name: 's', optional: true } },
      { configMapRef: { name: 'none', optional: true } },
    ];
    expect(environment({ env, envFrom })).toEqual({});
  });

  it.each([
    [
      { env: [secret] },
      'containers.0.env.0: only a cluster knows the value of SECRET. For the local stack, set SECRET in your environment.',
    ],
    [
      { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'none' } } }] },
      'only a cluster knows the value of A.',
    ],
    [
      { envFrom: [{ secretRef: { name: 's' } }] },
      'containers.0.envFrom.0: the local stack knows no Secret s.',
    ],
    [{ envFrom: [{ configMapRef: { name: 'none' } }] }, 'there is no ConfigMap none among the manifests.'],
  ])('refuses %j', (container, message) => {
    expect(() => environment(container, settings)).toThrow(message);
  });
});

describe('what is wrong', () => {
  it.each<[string, Resource[], string]>([
    [
      'no Service',
      [deployment({})],
      'policy.yaml:1:1: there is no Service mine in namespace default in k8s/base.',
    ],
    [
      'no such port',
      [resource('Service', 'mine', { spec: { ports: [{ port: 80 }] } })],
      'Service mine has no port 9002, only 80 (mine.yaml: spec.ports).',
    ],
    [
      'no selector',
      [service(undefined), deployment({})],
      'Service mine must select the pods of one Deployment; it selects those of 0.',
    ],
    ['an empty selector', [service({}), deployment({})], 'it selects those of 0.'],
    ['two Deployments', [service({ app: 'mine' }), deployment({}), deployment({})], 'it selects those of 2.'],
    [
      'no container',
      [
        service({ app: 'mine' }),
        resource('Deployment', 'd', { spec: { template: { metadata: { labels: { app: 'mine' } } } } }),
      ],
      'Deployment d has no container.',
    ],
  ])('%s', (_, resources, message) => {
    expect(() => read(...resources)).toThrow(message);
  });
});
