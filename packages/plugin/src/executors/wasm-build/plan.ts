import type { Command } from '../../lib/exec.ts';

/** Options of the executor; see schema.json. */
export interface WasmBuildOptions {
  readonly profile?: string;
  readonly features?: readonly string[];
}

/** How one language compiles to Wasm: what to ask of its toolchain, what to run, where the module then is. */
export interface WasmPlan {
  /** Asks the toolchain what `missing` has to know. */
  readonly ask: Command;
  /** What is missing to compile to Wasm and how to get it, by what `ask` printed on stdout; undefined when nothing is. */
  readonly missing: (stdout: string) => string | undefined;
  /** Prints its progress and complaints on stderr. */
  readonly compile: Command;
  /**
   * The path of the module, from what `compile` printed on stdout.
   * @throws UserError when it made none.
   */
  readonly module: (stdout: string) => string;
}

/**
 * Plans the build of the project in `root`: an absolute path without symbolic links.
 * @throws UserError when the language has no such option.
 */
export type Planner = (root: string, options: WasmBuildOptions) => WasmPlan;
