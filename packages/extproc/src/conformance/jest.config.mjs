/** Both cores on a real Envoy: `npm run test:envoy -w @eg/extproc`, after `npm run build:native -w @eg/extproc`. */
import base from '../../../../jest.config.mjs';

export default {
  ...base,
  rootDir: import.meta.dirname,
  roots: ['<rootDir>'],
  testMatch: ['**/*.e2e.ts'],
  testTimeout: 120_000,
  // Load is measured here: the files take turns.
  maxWorkers: 1,
};
