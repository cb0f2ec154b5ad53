import { UserError } from '../../lib/errors.ts';

/** Fails with the reason why the project's `eg-extension.yaml` cannot be read; see graph/create-nodes.ts. */
export default function broken({ message }: { message: string }): never {
  throw new UserError(message);
}
