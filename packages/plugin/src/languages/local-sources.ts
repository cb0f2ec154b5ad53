import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parse } from 'smol-toml';
import type { TargetConfiguration } from '@nx/devkit';

type Direct = (directory: string, workspaceRoot: string) => string[];

/**
 * Inputs for the sources that a project takes from elsewhere in the workspace, directly or not: an edit there must
 * build the project again.
 * @param direct finds the directories (absolute) that one directory depends on
 */
export function localSources(
  root: string,
  workspaceRoot: string,
  direct: Direct,
): TargetConfiguration['inputs'] & object {
  const start = join(workspaceRoot, root);
  const found = new Set<string>();
  const visit = (directory: string): void => {
    for (const dependency of direct(directory, workspaceRoot)) {
      const inside = dependency.startsWith(`${workspaceRoot}/`) && dependency !== start;
      if (!inside || found.has(dependency)) continue;
      found.add(dependency);
      visit(dependency);
    }
  };
  visit(start);
  return [...found].sort().map((path) => `{workspaceRoot}/${relative(workspaceRoot, path)}/**/*`);
}

/** Modules named by `replace … => ../path` in go.mod, and required modules that a go.work above has in the workspace. */
export const goModules: Direct = (directory, workspaceRoot) => {
  const module = read(join(directory, 'go.mod'));
  const replaced = [...module.matchAll(/=>\s*(\.{1,2}\/\S+)/g)].map(([, path = '']) =>
    resolve(directory, path),
  );
  const workspaceFile = nearest(directory, workspaceRoot, 'go.work');
  const used = [...read(workspaceFile).matchAll(/^\s*(?:use\s+)?"?(\.{1,2}\/[^\s"]+)/gm)]
    .map(([, path = '']) => resolve(dirname(workspaceFile), path))
    .filter((path) => {
      const name = /^module\s+"?([^\s"]+)/m.exec(read(join(path, 'go.mod')))?.[1];
      return name !== undefined && module.includes(`${name} v`);
    });
  return [...replaced, ...used];
};

interface CargoManifest {
  workspace?: { dependencies?: Dependencies };
  dependencies?: Dependencies;
  'dev-dependencies'?: Dependencies;
  'build-dependencies'?: Dependencies;
}
type Dependencies = Record<string, string | { path?: string; workspace?: boolean }>;

/** Crates named by `path = "…"`, directly or through `workspace = true`. */
export const cargoCrates: Direct = (directory, workspaceRoot) => {
  const manifest = cargoManifest(join(directory, 'Cargo.toml'));
  const workspaceFile = nearest(dirname(directory), workspaceRoot, 'Cargo.toml');
  const shared = cargoManifest(workspaceFile).workspace?.dependencies ?? {};
  const sections = [manifest.dependencies, manifest['dev-dependencies'], manifest['build-dependencies']];
  return sections
    .flatMap((section) => Object.entries(section ?? {}))
    .flatMap(([name, dependency]) => {
      if (typeof dependency === 'string') return [];
      if (dependency.path) return [resolve(directory, dependency.path)];
      const inherited = dependency.workspace ? shared[name] : undefined;
      return typeof inherited === 'object' && inherited.path
        ? [resolve(dirname(workspaceFile), inherited.path)]
        : [];
    });
};

// A manifest that cannot be parsed is the compiler's to report, not inference's.
function cargoManifest(path: string): CargoManifest {
  try {
    return parse(read(path));
  } catch {
    return {};
  }
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function nearest(from: string, workspaceRoot: string, name: string): string {
  for (let dir = from; dir.startsWith(workspaceRoot); dir = dirname(dir))
    if (existsSync(join(dir, name))) return join(dir, name);
  return join(workspaceRoot, name);
}
