import { UserError } from '../lib/errors.ts';
import { assemblyscript } from './assemblyscript.ts';
import { go } from './go.ts';
import type { Language } from './language.ts';
import { lua } from './lua.ts';
import { rust } from './rust.ts';

const languages: readonly Language[] = [assemblyscript, go, lua, rust];

/** The language with this id. */
export function languageOf(id: string): Language {
  const language = languages.find((candidate) => candidate.id === id);
  if (!language)
    throw new UserError(
      `There is no language '${id}'. There are: ${languages.map((known) => known.id).join(', ')}.`,
    );
  return language;
}
