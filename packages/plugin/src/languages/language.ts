import type { TargetConfiguration, Tree } from '@nx/devkit';

/** A program that a language needs, with the command that installs it. */
export interface Tool {
  readonly command: string;
  readonly install: string;
}

/** What a language's targets are made from. */
export interface LanguageContext {
  /** Name of the extension: also the name of the binary or module that `build` makes. */
  readonly name: string;
  /** Project root relative to the workspace, `/`-separated. */
  readonly root: string;
  /** Absolute path of the workspace. */
  readonly workspaceRoot: string;
  /** What the mechanism loads: an executable, a Wasm module, or the source itself. */
  readonly artifact: Artifact;
}

export type Artifact = 'executable' | 'wasm' | 'source';

/** One language: its tools, its targets, and how a project joins what the workspace already has. */
export interface Language {
  readonly id: string;
  readonly title: string;
  /** The tools that `build` (or, without a build, `test`) needs. */
  readonly tools: readonly Tool[];
  /** npm packages that the language needs in the workspace, with their versions. */
  readonly packages?: () => Readonly<Record<string, string>>;
  /** Why `name` cannot be used in this language; undefined when it can. */
  refuseName(name: string): string | undefined;
  /** Inferred targets (`build`, `test`, `lint`, …). Runs no program. */
  targets(context: LanguageContext): Record<string, TargetConfiguration>;
  /** Adds the project at `root` to the language's own workspace file, where there is one. Idempotent. */
  join(tree: Tree, root: string): void;
}
