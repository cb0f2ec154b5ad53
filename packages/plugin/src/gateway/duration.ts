// Gateway API (GEP-2257): up to four whole numbers with a unit each.
export const DURATION = '^([0-9]{1,5}(h|m|s|ms)){1,4}$';

const MILLISECONDS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Milliseconds of a Gateway API duration (`1m30s`). */
export function milliseconds(text: string): number {
  let total = 0;
  for (const [, number = '', unit = ''] of text.matchAll(/(\d+)(ms|h|m|s)/g))
    total += Number(number) * (MILLISECONDS[unit] ?? 0);
  return total;
}

/** A Gateway API duration (`1m30s`) as protobuf's JSON has it (`90s`, `0.200s`). */
export function protobufDuration(text: string): string {
  const total = milliseconds(text);
  return `${total % 1000 ? (total / 1000).toFixed(3) : total / 1000}s`;
}
