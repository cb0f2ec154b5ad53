import { patch } from '@decimalturn/toml-patch';
import { joinPathFragments, type Tree } from '@nx/devkit';
import { minimatch } from 'minimatch';
import { parse } from 'smol-toml';
import { messageOf, UserError } from '../lib/errors.ts';
import type { Language, LanguageContext } from './language.ts';
import { cargoCrates, localSources } from './local-sources.ts';
import { nearestAbove } from './nearest.ts';
import { commands, sourceInputs, wasmBuild } from './targets.ts';

const technologies = ['rust'];
const environment = [
  '{workspaceRoot}/**/Cargo.lock',
  '{workspaceRoot}/Cargo.toml',
  ...['RUSTUP_TOOLCHAIN', 'RUSTFLAGS', 'CARGO_BUILD_RUSTFLAGS'].map((env) => ({ env })),
  { externalDependencies: [] },
];

// Rust 2024 keywords, and the crate names that cargo refuses (cargo's restricted_names).
const RESERVED =
  'abstract as async await become box break const continue crate do dyn else enum extern false final fn for gen if impl in let loop macro match mod move mut override priv pub ref return self static struct super trait true try type typeof union unsafe unsized use virtual where while yield alloc build core deps examples incremental proc-macro std test';

/** Rust: one crate per extension, also inside a Cargo workspace. */
export const rust: Language = {
  id: 'rust',
  title: 'Rust',
  tools: [{ command: 'cargo', install: 'https://rustup.rs' }],
  refuseName: (name) =>
    RESERVED.split(' ').includes(name)
      ? 'Rust reserves that word, so cargo refuses it as the name of a crate'
      : undefined,
  targets: ({ artifact, root, workspaceRoot }: LanguageContext) => {
    const shared = [...localSources(root, workspaceRoot, cargoCrates), ...environment];
    const all = [...sourceInputs('target/**/*'), ...shared];
    return {
      ...(artifact === 'wasm'
        ? {
            build: wasmBuild([...sourceInputs('target/**/*', 'tests/**/*'), ...shared], technologies),
          }
        : {}),
      test: commands('Runs the Rust tests on this computer', ['cargo test'], {
        inputs: all,
        technologies,
      }),
      lint: commands(
        'Checks the Rust code with rustfmt and clippy',
        [
          'cargo fmt --check',
          'cargo clippy --all-targets -- -D warnings',
          // What calls Envoy is compiled for Wasm alone.
          ...(artifact === 'wasm' ? ['cargo clippy --target wasm32-wasip1 -- -D warnings'] : []),
        ],
        { inputs: all, technologies },
      ),
    };
  },
  join: joinCargoWorkspace,
};

function parseManifest(text: string, path: string): object {
  try {
    return parse(text);
  } catch (error) {
    throw new UserError(`${path} is not valid TOML, so nothing was written: ${messageOf(error)}`);
  }
}

/** Adds the crate to `workspace.members` of the nearest Cargo workspace, unless a glob there already covers it. */
function joinCargoWorkspace(tree: Tree, root: string): void {
  const path = nearestAbove(tree, root, 'Cargo.toml');
  if (path === undefined) return;
  const text = tree.read(path, 'utf8') ?? '';
  const manifest = parseManifest(text, path) as { workspace?: { members?: string[]; exclude?: string[] } };
  if (!manifest.workspace) return;
  const member = joinPathFragments(root.slice(path.length - 'Cargo.toml'.length));
  const members = manifest.workspace.members ?? [];
  if (members.some((pattern) => minimatch(member, pattern))) return;
  tree.write(
    path,
    patch(text, { ...manifest, workspace: { ...manifest.workspace, members: [...members, member] } }),
  );
}
