import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ok, run, type CliOptions, type Result } from './cli.ts';

/** The Nx version that workspaces get unless a test asks for another. */
export const NX = '23.2.1';

/** An Nx workspace of a test. */
export class Workspace {
  readonly root: string;
  /** Program that runs Nx; default: this Node. */
  readonly node: string;

  constructor(root: string, node = process.execPath) {
    this.root = root;
    this.node = node;
  }

  /** Runs the workspace's own Nx, whatever its exit code. */
  tryNx(args: readonly string[], options?: CliOptions): Promise<Result> {
    return run(this.root, this.node, [join('node_modules', '.bin', 'nx'), ...args], options);
  }

  /** Runs the workspace's own Nx, which must succeed; returns what it printed. */
  nx(...args: string[]): Promise<string> {
    return ok(this.root, this.node, [join('node_modules', '.bin', 'nx'), ...args], {
      timeoutMs: 900_000,
    });
  }

  npm(...args: string[]): Promise<string> {
    return ok(this.root, 'npm', args, { timeoutMs: 600_000 });
  }

  /** Commits everything, so that `changes` tells what happened since. */
  async commit(): Promise<void> {
    await ok(this.root, 'git', ['add', '-A']);
    await ok(this.root, 'git', [
      '-c',
      'user.name=e2e',
      '-c',
      'user.email=e2e@example.com',
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      'x',
    ]);
  }

  /** What differs from the last commit, one `git status` line each. */
  async changes(): Promise<string[]> {
    const output = await ok(this.root, 'git', ['status', '--porcelain', '--untracked-files=all']);
    return output.split('\n').filter(Boolean);
  }

  /** Takes back everything since the last commit. */
  async reset(): Promise<void> {
    await ok(this.root, 'git', ['reset', '-q', '--hard']);
    await ok(this.root, 'git', ['clean', '-q', '-fd']);
  }

  path(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  read(path: string): string {
    return readFileSync(this.path(path), 'utf8');
  }

  exists(path: string): boolean {
    return existsSync(this.path(path));
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), content);
  }

  /** Replaces text that must be there. */
  edit(path: string, from: string | RegExp, to: string): void {
    const before = this.read(path);
    const after = before.replace(from, to);
    if (after === before) throw new Error(`${path} does not hold ${String(from)}`);
    this.write(path, after);
  }
}

const base = () => process.env['EG_E2E_DIR'] ?? '';

/** The smallest Nx workspace there is, with the plugin installed: from the registry, unless `plugin` names another source. */
export async function minimalWorkspace(name: string, options: { nx?: string; plugin?: string } = {}) {
  const workspace = new Workspace(join(base(), name));
  const manifest = {
    name,
    private: true,
    devDependencies: { nx: options.nx ?? NX, '@eg/plugin': options.plugin ?? pluginVersion() },
  };
  workspace.write('package.json', `${JSON.stringify(manifest, null, 2)}\n`);
  workspace.write('nx.json', '{ "analytics": false }\n');
  workspace.write('.gitignore', 'node_modules\n.nx\n');
  await workspace.npm('install', '--no-audit', '--no-fund');
  await ok(workspace.root, 'git', ['init', '-q', '-b', 'main']);
  await workspace.commit();
  return workspace;
}

/** A workspace as create-nx-workspace makes it, with the plugin added by `nx add`. */
export async function createdWorkspace(name: string, preset: string) {
  const args = [`create-nx-workspace@${NX}`, name, `--preset=${preset}`];
  const settings = ['--nxCloud=skip', '--packageManager=npm', '--interactive=false'];
  await ok(base(), 'npx', ['--yes', ...args, ...settings], { timeoutMs: 600_000 });
  const workspace = new Workspace(join(base(), name));
  await workspace.nx('add', `@eg/plugin@${pluginVersion()}`);
  await workspace.commit();
  return workspace;
}

function pluginVersion(): string {
  const manifest = join(import.meta.dirname, '..', '..', 'packages', 'plugin', 'package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
