/** Longest value that a message quotes in full, in characters. */
const LONGEST = 160;

/** A text in quotes, control characters escaped, cut where it is too long to read. */
export function showText(text: string): string {
  if (text.length <= LONGEST) return JSON.stringify(text);
  return `${JSON.stringify(text.slice(0, LONGEST))}… (${text.length} characters)`;
}

/** Bytes as text where they are UTF-8, else in hexadecimal; cut where they are too many to read. */
export function showBytes(bytes: Buffer): string {
  const head = bytes.subarray(0, LONGEST);
  const text = head.toString('utf8');
  // A character may be cut at the end of the head, but nowhere else.
  const readable = !text.slice(0, bytes.length > LONGEST ? -1 : undefined).includes('\uFFFD');
  const shown = readable ? JSON.stringify(text.replace(/\uFFFD$/, '')) : `0x${head.toString('hex')}`;
  return bytes.length > LONGEST ? `${shown}… (${bytes.length} bytes)` : shown;
}

/** What `got` is, beginning shortly before it departs from `wanted`. */
export function around(wanted: Buffer, got: Buffer): string {
  if (got.length <= LONGEST) return showBytes(got);
  let offset = 0;
  while (offset < got.length && got[offset] === wanted[offset]) offset++;
  const start = Math.max(0, offset - 20);
  return `${got.length} bytes; from byte ${offset} on they differ: …${showBytes(got.subarray(start, start + 60))}…`;
}
