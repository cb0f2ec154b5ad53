/**
 * An error meant for the person at the keyboard: its message says what is wrong, where, and what to do.
 * Shown without a stack trace unless Nx runs with `--verbose`.
 */
export class UserError extends Error {
  override name = 'UserError';

  constructor(message: string) {
    super(message);
    // Nx prints the stack of what is thrown, where there is one; for a person the message is the whole story.
    if (process.env['NX_VERBOSE_LOGGING'] !== 'true') this.stack = '';
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
