/** Milliseconds that `work` takes. @param {() => unknown} work */
export async function time(work) {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** The middle one. @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/**
 * Times several things in turn, round after round, so that a busy machine slows all of them alike.
 *
 * @template {string} Name
 * @param {number} rounds
 * @param {Record<Name, (round: number) => unknown>} works
 * @returns {Promise<Record<Name, number>>} median milliseconds of each
 */
export async function alternate(rounds, works) {
  /** @type {[string, (round: number) => unknown][]} */
  const entries = Object.entries(works);
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(entries.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, work] of entries) times[name]?.push(await time(() => work(round)));
  return /** @type {Record<Name, number>} */ (
    Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]))
  );
}
