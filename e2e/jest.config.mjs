import unit from '../jest.config.mjs';

/** End to end: real Nx workspaces, real compilers, real Envoy. One file at a time, since each uses both cores. */
export default {
  ...unit,
  rootDir: '..',
  roots: ['<rootDir>/e2e'],
  testTimeout: 600_000,
  globalSetup: '<rootDir>/e2e/support/setup.ts',
  globalTeardown: '<rootDir>/e2e/support/teardown.ts',
  maxWorkers: 1,
};
