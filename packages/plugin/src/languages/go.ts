import type { Tree } from '@nx/devkit';
import { coerce, gt } from 'semver';
import type { Language, LanguageContext } from './language.ts';
import { goModules, localSources } from './local-sources.ts';
import { nearestAbove } from './nearest.ts';
import { commands, sourceInputs, wasmBuild } from './targets.ts';

const technologies = ['go'];
// What changes the result beside the sources: the workspace file and the toolchain's settings.
const environment = [
  '{workspaceRoot}/**/go.work',
  ...['GOFLAGS', 'GOWORK', 'GOOS', 'GOARCH', 'GOTOOLCHAIN', 'GOEXPERIMENT'].map((env) => ({ env })),
  { externalDependencies: [] },
];

/** Go: one module per extension, also inside a go.work. */
export const go: Language = {
  id: 'go',
  title: 'Go',
  tools: [{ command: 'go', install: 'https://go.dev/doc/install' }],
  refuseName: (name) =>
    // Found by building: `go help modules` keeps one word for itself, and module paths avoid Windows' device names.
    /^(vendor|con|aux|nul|prn|com[1-9]|lpt[1-9])$/.test(name)
      ? 'Go does not take that word in a module path'
      : undefined,
  targets: ({ name, root, workspaceRoot, artifact }: LanguageContext) => {
    const shared = [...localSources(root, workspaceRoot, goModules), ...environment];
    const all = [...sourceInputs(), ...shared];
    const compiled = [...sourceInputs('**/*_test.go', '**/testdata/**/*'), ...shared];
    return {
      build:
        artifact === 'wasm'
          ? wasmBuild(compiled, technologies)
          : commands(
              'Compiles the extension to a static binary in dist/',
              [`go build -trimpath -ldflags="-s -w" -o dist/${name} .`],
              {
                inputs: compiled,
                outputs: [`{projectRoot}/dist/${name}`],
                env: { CGO_ENABLED: '0' },
                technologies,
              },
            ),
      test: commands('Runs the Go tests', ['go test ./...'], { inputs: all, technologies }),
      lint: commands('Checks the Go code with gofmt and go vet', ['gofmt -d .', 'go vet ./...'], {
        inputs: all,
        technologies,
      }),
    };
  },
  join: joinGoWork,
};

/**
 * Adds the module to the nearest go.work, without which `go build` in it would refuse the module; raises the `go`
 * line of go.work where the module needs a newer one.
 * Format: Go Modules Reference, “go.work files”.
 */
function joinGoWork(tree: Tree, root: string): void {
  const path = nearestAbove(tree, root, 'go.work');
  const module = tree.read(`${root}/go.mod`, 'utf8');
  if (path === undefined || module === null) return;
  const before = tree.read(path, 'utf8') ?? '';
  const base = path.slice(0, -'go.work'.length);
  const use = `./${root.slice(base.length)}`;
  const needed = /^go\s+(\S+)/m.exec(module)?.[1] ?? '';
  const present = /^go\s+(\S+)/m.exec(before)?.[1] ?? '';
  const listed = new RegExp(`^\\s*(use\\s+)?"?${use.replaceAll('.', '\\.')}"?\\s*(//.*)?$`, 'm').test(before);
  let after = before;
  if (gt(coerce(needed) ?? '0.0.0', coerce(present) ?? '0.0.0'))
    after = present ? after.replace(/^go\s+\S+/m, `go ${needed}`) : `go ${needed}\n\n${after}`;
  if (!listed) after = `${after.trimEnd()}\n\nuse ${use}\n`;
  if (after !== before) tree.write(path, after);
}
