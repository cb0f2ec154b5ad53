import { DURATION, milliseconds } from '../gateway/duration.ts';

const BYTES: Record<string, number> = { B: 1, KiB: 1024, MiB: 1024 * 1024 };

/** Milliseconds of a Gateway API duration (`500ms`, `1m30s`), or undefined when `text` is none. */
export const parseDuration = (text: string): number | undefined =>
  new RegExp(DURATION).test(text) ? milliseconds(text) : undefined;

/** Bytes of a size such as `64KiB`, `1 MiB`, `100B` or a plain number, or undefined when `size` is none. */
export function parseSize(size: string | number): number | undefined {
  const [, count, unit = 'B'] = /^(\d{1,8}) ?(B|KiB|MiB)?$/.exec(String(size)) ?? [];
  return count === undefined ? undefined : Number(count) * (BYTES[unit] ?? 1);
}

/** Milliseconds for people: `0.42 ms`, `12 ms`, `1.50 s`. */
export function formatMs(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}
