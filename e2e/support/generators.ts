import { loadTemplate, templateIds } from '../../packages/plugin/src/engine/template.ts';
import type { OptionValues } from '../../packages/plugin/src/engine/extension.ts';

/** Every generator there is. */
export const generators = templateIds();

/** Every named case of every generator, as [generator, case, options]. */
export const cases: [generator: string, name: string, options: OptionValues][] = generators.flatMap((id) =>
  Object.entries(loadTemplate(id).cases).map(([name, options]): [string, string, OptionValues] => [
    id,
    name,
    options,
  ]),
);

/** Options as the command line takes them. */
export function flags(options: OptionValues): string[] {
  return Object.entries(options).flatMap(([name, value]) =>
    Array.isArray(value) ? value.map((item) => `--${name}=${item}`) : [`--${name}=${value}`],
  );
}

/** Facts about a generator's project that tests of its targets need. */
export interface Facts {
  /** The file that a user edits. */
  readonly source: string;
  /** A file that only `test` and `lint` read. */
  readonly test: string;
}
