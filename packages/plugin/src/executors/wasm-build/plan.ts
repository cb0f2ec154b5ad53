import { join } from 'node:path';
import type { Command } from '../../lib/exec.ts';

/** Options of the executor; see schema.json. */
export interface WasmBuildOptions {
  readonly profile?: string;
  readonly features?: readonly string[];
}

/** How one language compiles to Wasm: what to ask of its toolchain, what to run, where the module then is. */
export interface WasmPlan {
  /** Prints the directory that holds the language's library for Wasm. */
  readonly library: Command;
  /** What to say when that directory does not exist. */
  readonly libraryMissing: string;
  /** Prints its progress and complaints on stderr. */
  readonly compile: Command;
  /** The path of the module, from what `compile` printed on stdout. */
  module(stdout: string): string | undefined;
  /** What to say when there is none. */
  readonly moduleMissing: string;
}

/** WASI 0.1: what proxy-wasm hosts implement. So called since Rust 1.78. */
const TARGET = 'wasm32-wasip1';
const INSTALL = 'https://rustup.rs';

/**
 * Rust, by cargo in the project itself, so that its `.cargo/config.toml`, `rust-toolchain.toml` and RUSTUP_TOOLCHAIN
 * count, in a Cargo workspace too.
 * @param root absolute path of the project, without symbolic links
 */
export function cargoPlan(root: string, options: WasmBuildOptions): WasmPlan {
  const { profile = 'release', features = [] } = options;
  const manifest = join(root, 'Cargo.toml');
  return {
    library: {
      command: 'rustc',
      args: ['--print', 'target-libdir', '--target', TARGET],
      cwd: root,
      install: INSTALL,
    },
    libraryMissing:
      `The Rust toolchain of ${root} has no standard library for ${TARGET}. Add it, in that directory:\n` +
      `  rustup target add ${TARGET}`,
    compile: {
      command: 'cargo',
      args: [
        ...['build', '--lib', '--target', TARGET, '--profile', profile],
        ...(features.length ? ['--features', features.join(',')] : []),
        // Diagnostics for people on stderr, and on stdout where the artefacts are: a Cargo workspace, CARGO_TARGET_DIR
        // and cargo's settings all move them.
        '--message-format=json-render-diagnostics',
      ],
      cwd: root,
      install: INSTALL,
    },
    module: (stdout) =>
      stdout
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as CargoMessage)
        .filter((message) => message.reason === 'compiler-artifact' && message.manifest_path === manifest)
        .flatMap((message) => message.filenames ?? [])
        .find((path) => path.endsWith('.wasm')),
    moduleMissing: `${manifest} builds no Wasm module. It needs:\n  [lib]\n  crate-type = ["cdylib"]`,
  };
}

/** The part read here of what cargo prints; The Cargo Book, “External tools: artifact messages”. */
interface CargoMessage {
  readonly reason: string;
  readonly manifest_path?: string;
  readonly filenames?: readonly string[];
}
