/** One structured log line. */
export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly [field: string]: unknown;
}

export type Log = (entry: LogEntry) => void;

const levels = ['debug', 'info', 'warn', 'error'] as const;

/** Writes JSON lines to stderr, from `level` up. */
export function jsonLog(level = 'info'): Log {
  const threshold = levels.findIndex((known) => known === level.toLowerCase());
  return (entry) => {
    if (levels.indexOf(entry.level) < threshold) return;
    const { level, message, error, ...fields } = entry;
    const cause = error === undefined ? {} : { error: describe(error) };
    process.stderr.write(
      `${JSON.stringify({ time: new Date().toISOString(), level, msg: message, ...fields, ...cause })}\n`,
    );
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
