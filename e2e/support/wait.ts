import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again and again until `question` answers something; undefined and false mean not yet. */
export async function until<T>(
  what: string,
  question: () => T | Promise<T>,
  timeoutMs = 20_000,
): Promise<Exclude<T, false | undefined>> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const answer = await question();
      if (answer !== undefined && answer !== false) return answer as Exclude<T, false | undefined>;
    } catch (error) {
      last = error;
    }
    await sleep(50);
  }
  throw new Error(
    `Waited ${timeoutMs / 1000} s for ${what}${last instanceof Error ? `: ${last.message}` : ''}`,
  );
}
