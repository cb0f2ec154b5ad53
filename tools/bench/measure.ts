/** One line of a benchmark: ours beside a reference, measured in the same run. */
export interface Row {
  readonly what: string;
  /** Milliseconds, median. */
  readonly ours: number;
  readonly reference?: { readonly what: string; readonly ms: number };
  readonly goal: string;
  readonly met: boolean;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/**
 * Medians of several things measured in turn, so that whatever else the machine does hits all of them alike.
 * Each gets the number of the round.
 */
export async function alternate<Name extends string>(
  rounds: number,
  works: Readonly<Record<Name, (round: number) => Promise<unknown>>>,
): Promise<Record<Name, number>> {
  const entries = Object.entries(works) as [Name, (round: number) => Promise<unknown>][];
  const times = new Map<Name, number[]>(entries.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, work] of entries) times.get(name)?.push(await timed(() => work(round)));
  return Object.fromEntries([...times].map(([name, values]) => [name, median(values)])) as Record<
    Name,
    number
  >;
}

/** A Markdown table with a bar per row: how far ours is from the reference. */
export function table(rows: readonly Row[]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const ms = (value: number) => (value < 100 ? value.toFixed(1) : value.toFixed(0));
  return [
    line(['what', 'ours, ms', 'beside', 'its ms', 'ratio', 'goal', '']),
    line(['---', '--:', '---', '--:', '--:', '---', '---']),
    ...rows.map(({ what, ours, reference, goal, met }) => {
      const ratio = reference && ours / reference.ms;
      const bar = '█'.repeat(Math.min(30, Math.round((ratio ?? 0) * 10)));
      const beside = reference && ratio ? [reference.what, ms(reference.ms), ratio.toFixed(2)] : ['', '', ''];
      return line([what, ms(ours), ...beside, `${goal} ${met ? '✓' : '✗'}`, bar]);
    }),
  ].join('\n');
}
