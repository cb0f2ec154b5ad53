import type { Planner } from '../plan.ts';
import { assemblyscript } from './assemblyscript.ts';
import { cargo } from './cargo.ts';
import { go } from './go.ts';

/** How each language compiles to Wasm, by its id. */
export const planners: Readonly<Record<string, Planner>> = { assemblyscript, go, rust: cargo };
