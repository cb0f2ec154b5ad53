import { UserError } from '../lib/errors.ts';
import type { Stack, StackOptions } from './types.ts';

/**
 * Starts the local stack of an extension that has been built.
 * @throws UserError when something is missing or does not start.
 */
export function startStack(_options: StackOptions): Promise<Stack> {
  return Promise.reject(new UserError('The local stack is not there yet.'));
}
