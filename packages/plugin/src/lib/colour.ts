/**
 * Whether to print in colour. Nx runs executors with their output in a pipe, and says by FORCE_COLOR when it ends at a
 * terminal. Source: no-color.org, force-color.org.
 */
export function useColour({ NO_COLOR, FORCE_COLOR } = process.env): boolean {
  if (NO_COLOR) return false;
  return FORCE_COLOR === undefined ? process.stdout.isTTY : FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
}
