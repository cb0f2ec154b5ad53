/** Seconds with one decimal, as people read them. @param {number} ms */
export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/**
 * Runs one step of a script, telling before that it runs and after how long it took.
 *
 * @template T
 * @param {string} title
 * @param {() => T | Promise<T>} work
 * @param {(result: T) => string | undefined} [note] what to add to the line
 * @returns {Promise<T>}
 */
export async function step(title, work, note) {
  const tty = process.stdout.isTTY;
  const started = Date.now();
  const line = (/** @type {string} */ mark, /** @type {string} */ end) =>
    process.stdout.write(`${tty ? '\r\x1b[K' : ''}${mark} ${title}${end}`);
  if (tty) line('·', ' …');
  try {
    const result = await work();
    const extra = note?.(result);
    line('✓', ` (${seconds(Date.now() - started)})${extra ? ` ${extra}` : ''}\n`);
    return result;
  } catch (error) {
    line('✗', ` (${seconds(Date.now() - started)})\n`);
    throw error;
  }
}

// A script that fails says why; where in the script is of interest only to who asks for it.
process.on('uncaughtException', (error) => {
  console.error(process.env['NX_VERBOSE_LOGGING'] === 'true' ? error : error.message);
  process.exitCode = 1;
});
