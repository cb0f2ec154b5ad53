import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../lib/errors.ts';
import type { Planner } from '../plan.ts';

/** WASI 0.1: what proxy-wasm hosts implement. So called since Rust 1.78. */
const TARGET = 'wasm32-wasip1';
const INSTALL = 'https://rustup.rs';

/**
 * Rust, by cargo in the project itself, so that its `.cargo/config.toml`, `rust-toolchain.toml` and RUSTUP_TOOLCHAIN
 * count, in a Cargo workspace too. `features` are those of the crate.
 */
export const cargo: Planner = (root, { profile = 'release', features = [] }) => {
  const manifest = join(root, 'Cargo.toml');
  return {
    ask: {
      command: 'rustc',
      args: ['--print', 'target-libdir', '--target', TARGET],
      cwd: root,
      install: INSTALL,
    },
    missing: (library) =>
      existsSync(library.trim())
        ? undefined
        : `The Rust toolchain of ${root} has no standard library for ${TARGET}. Add it, in that directory:\n` +
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
    module: (stdout) => {
      const module = stdout
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as CargoMessage)
        .filter((message) => message.reason === 'compiler-artifact' && message.manifest_path === manifest)
        .flatMap((message) => message.filenames ?? [])
        .find((path) => path.endsWith('.wasm'));
      if (!module)
        throw new UserError(
          `${manifest} builds no Wasm module. It needs:\n  [lib]\n  crate-type = ["cdylib"]`,
        );
      return module;
    },
  };
};

/** The part read here of what cargo prints; The Cargo Book, “External tools: artifact messages”. */
interface CargoMessage {
  readonly reason: string;
  readonly manifest_path?: string;
  readonly filenames?: readonly string[];
}
