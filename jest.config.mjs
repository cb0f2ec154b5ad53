/** Unit tests: next to the code they test, run from the TypeScript sources. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/packages', '<rootDir>/tools'],
  testMatch: ['**/*.spec.ts'],
  testTimeout: 30_000,
  // The build output holds copies of the sources' neighbours.
  modulePathIgnorePatterns: ['<rootDir>/packages/[^/]+/dist/'],
  transform: {
    '\\.[cm]?[jt]s$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        // CommonJS turns import.meta.dirname into __dirname, so plain jest runs ESM sources.
        module: { type: 'commonjs' },
      },
    ],
  },
  // An ESM-only dependency: jest resolves for `require`, so it is named by its file and compiled like the sources.
  moduleNameMapper: {
    '^@decimalturn/toml-patch$': '<rootDir>/node_modules/@decimalturn/toml-patch/dist/toml-patch.js',
  },
  transformIgnorePatterns: ['/node_modules/(?!@decimalturn/toml-patch/)'],
};
