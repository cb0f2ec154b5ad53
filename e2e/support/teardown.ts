import { rmSync } from 'node:fs';

/** After all tests: stops the registry and removes the workspaces, unless EG_KEEP asks to look at them. */
export default function teardown(): void {
  globalThis.egRegistry?.close().closeAllConnections();
  const directory = process.env['EG_E2E_DIR'];
  if (process.env['EG_KEEP']) console.log(`Workspaces kept in ${directory}`);
  else if (directory) rmSync(directory, { recursive: true, force: true });
}
