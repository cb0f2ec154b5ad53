import { alternate, type Row } from './measure.ts';
import type { BenchWorkspace } from './workspace.ts';

interface Subject {
  readonly generator: string;
  /** A source file, and how to add a comment to it. */
  readonly source: string;
  readonly comment: string;
  readonly compile: readonly [command: string, ...args: string[]];
  readonly env: Record<string, string>;
}

const subjects: readonly Subject[] = [
  {
    generator: 'go-extproc',
    source: 'main.go',
    comment: '//',
    compile: ['go', 'build', '-trimpath', '-ldflags=-s -w', '-o', 'dist/bare', '.'],
    env: { CGO_ENABLED: '0' },
  },
  {
    generator: 'rust-wasm',
    source: 'src/lib.rs',
    comment: '//',
    compile: ['cargo', 'build', '--release', '--target', 'wasm32-wasip1'],
    env: {},
  },
];

/** `nx build` after an edit beside the compiler alone after an edit; a cache hit beside `nx --version`. With the daemon. */
export async function benchBuild(workspace: BenchWorkspace, rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { generator, source, comment, compile, env } of subjects) {
    const name = `build-${generator}`;
    await workspace.nx(['g', `@eg/plugin:${generator}`, `ext/${name}`, '--no-interactive']);
    await workspace.nx(['build', name]);
    const file = `ext/${name}/${source}`;
    const edit = (label: string) => workspace.write(file, `${workspace.read(file)}\n${comment} ${label}\n`);
    const [command, ...args] = compile;
    const times = await alternate(rounds, {
      bare: (round) => (edit(`bare ${round}`), workspace.run(command, args, `ext/${name}`, env)),
      nx: (round) => (edit(`nx ${round}`), workspace.nx(['build', name])),
      hit: () => workspace.nx(['build', name]),
      version: () => workspace.nx(['--version']),
    });
    rows.push(
      {
        what: `nx build, ${generator}, after an edit`,
        ours: times.nx,
        reference: { what: command, ms: times.bare },
        goal: '≤ 0.5 s over',
        met: times.nx - times.bare <= 500,
      },
      {
        what: `nx build, ${generator}, cache hit`,
        ours: times.hit,
        reference: { what: 'nx --version', ms: times.version },
        goal: '≤ 1.2 ×',
        met: times.hit <= 1.2 * times.version,
      },
    );
  }
  return rows;
}
