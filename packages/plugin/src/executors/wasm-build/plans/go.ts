import { join } from 'node:path';
import type { Planner } from '../plan.ts';

const INSTALL = 'https://go.dev/doc/install';

/** The first one that exports functions of a Wasm module (go1.24 release notes, “WebAssembly”): 1.24. */
const MINOR = 24;

/**
 * Standard Go, in the project itself, so that its go.mod, a go.work above and GOFLAGS count. `features` are build tags,
 * and any other profile than `release` keeps the symbols.
 */
export const go: Planner = (root, { profile = 'release', features = [] }) => {
  const module = join(root, 'dist', 'unchecked.wasm');
  return {
    ask: { command: 'go', args: ['env', 'GOVERSION'], cwd: root, install: INSTALL },
    missing: (version) => {
      const minor = /go1\.(\d+)/.exec(version)?.[1];
      return minor !== undefined && Number(minor) < MINOR
        ? `Filters for Envoy need Go 1.${MINOR} or newer, and ${root} is built with ${version.trim()}. Install one from ${INSTALL}`
        : undefined;
    },
    compile: {
      command: 'go',
      args: [
        ...['build', '-buildmode=c-shared', '-trimpath'],
        ...(profile === 'release' ? ['-ldflags=-s -w'] : []),
        ...(features.length ? [`-tags=${features.join(',')}`] : []),
        ...['-o', module, '.'],
      ],
      cwd: root,
      env: { GOOS: 'wasip1', GOARCH: 'wasm' },
      install: INSTALL,
    },
    module: () => module,
  };
};
