import { UserError } from '../lib/errors.ts';
import { extProc } from './ext_proc.ts';
import { lua } from './lua.ts';
import type { Mechanism } from './mechanism.ts';
import { wasm } from './wasm.ts';

/** Every way to extend Envoy that this plugin knows. */
export const mechanisms: readonly Mechanism[] = [extProc, lua, wasm];

/**
 * The mechanism with this id.
 * @throws UserError when there is none.
 */
export function mechanismOf(id: string): Mechanism {
  const mechanism = mechanisms.find((candidate) => candidate.id === id);
  if (!mechanism)
    throw new UserError(
      `There is no mechanism '${id}'. There are: ${mechanisms.map((known) => known.id).join(', ')}.`,
    );
  return mechanism;
}
