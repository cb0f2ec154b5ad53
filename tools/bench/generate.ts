import { templateIds } from '../../packages/plugin/src/engine/template.ts';
import { alternate, type Row } from './measure.ts';
import type { BenchWorkspace } from './workspace.ts';

const REFERENCE = '@nx/js:lib';

/** `nx g` of each generator beside `nx g @nx/js:lib`, in one workspace, without the daemon. */
export async function benchGenerate(workspace: BenchWorkspace, rounds: number): Promise<Row[]> {
  const generate = (generator: string, folder: string) => (round: number) =>
    workspace.nx(['g', generator, `${folder}/${folder}-${round}`, '--no-interactive'], {
      NX_DAEMON: 'false',
    });
  const ids = templateIds();
  const works = new Map([
    [REFERENCE, generate(REFERENCE, 'libs')],
    ...ids.map((id) => [id, generate(`@eg/plugin:${id}`, id)] as const),
  ]);
  const times: Record<string, number> = await alternate(rounds, Object.fromEntries(works));
  const ms = times[REFERENCE] ?? NaN;
  return ids.map((id) => {
    const ours = times[id] ?? NaN;
    const reference = { what: `nx g ${REFERENCE}`, ms };
    return { what: `nx g @eg/plugin:${id}`, ours, reference, goal: '≤ 1.0 ×', met: ours <= ms };
  });
}
