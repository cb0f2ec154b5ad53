import { templateIds } from '../../packages/plugin/src/engine/template.ts';
import { alternate, type Row } from './measure.ts';
import type { BenchWorkspace } from './workspace.ts';

/** `nx g` of each generator beside `nx g @nx/js:lib`, in one workspace, without the daemon. */
export async function benchGenerate(workspace: BenchWorkspace, rounds: number): Promise<Row[]> {
  const env = { NX_DAEMON: 'false' };
  const generate = (generator: string, folder: string) => (round: number) =>
    workspace.nx(['g', generator, `${folder}/${folder}-${round}`, '--no-interactive'], env);
  const ids = templateIds();
  const times = await alternate(rounds, {
    reference: generate('@nx/js:lib', 'libs'),
    ...Object.fromEntries(ids.map((id) => [id, generate(`@eg/plugin:${id}`, id)])),
  });
  const ms = times['reference'] ?? NaN;
  return ids.map((id) => {
    const ours = times[id] ?? NaN;
    return {
      what: `nx g @eg/plugin:${id}`,
      ours,
      reference: { what: 'nx g @nx/js:lib', ms },
      goal: '≤ 1.0 ×',
      met: ours <= ms,
    };
  });
}
