import { LineCounter, parseAllDocuments, parseDocument, type Document } from 'yaml';
import { UserError } from './errors.ts';

/** A YAML document that still knows where each of its values stood. */
export interface Located {
  readonly value: unknown;
  /** `path:line:column` of the value at `keys`, or of the nearest parent that is there. */
  readonly at: (keys: readonly (string | number)[]) => string;
  readonly document: Document.Parsed;
}

/**
 * Parses one YAML 1.2 document.
 * @param path what to call the text in messages
 * @throws UserError with line and column of the first mistake; duplicate keys are one.
 */
export function parseYaml(text: string, path: string): Located {
  const lines = new LineCounter();
  return locate(parseDocument(text, { lineCounter: lines }), lines, path);
}

/**
 * Parses the YAML documents of a file, which `---` separates; empty ones are left out.
 * @param path what to call the text in messages
 * @throws UserError as parseYaml does.
 */
export function parseYamlStream(text: string, path: string): Located[] {
  const lines = new LineCounter();
  return [...parseAllDocuments(text, { lineCounter: lines })]
    .map((document) => locate(document as Document.Parsed, lines, path))
    .filter(({ value }) => value !== null);
}

function locate(document: Document.Parsed, lines: LineCounter, path: string): Located {
  const [error] = document.errors;
  if (error) {
    const [line = 1] = lines.lineStarts.length ? [lines.linePos(error.pos[0]).line] : [];
    const { col } = lines.linePos(error.pos[0]);
    throw new UserError(
      `${path}:${line}:${col}: ${error.message.split('\n')[0]?.replace(/ at line .*$/, '')}`,
    );
  }
  const at = (keys: readonly (string | number)[]): string => {
    for (let depth = keys.length; depth >= 0; depth--) {
      const node = document.getIn(keys.slice(0, depth), true) as
        { range?: [number, number, number] } | undefined;
      if (node?.range) {
        const { line, col } = lines.linePos(node.range[0]);
        return `${path}:${line}:${col}`;
      }
    }
    return `${path}:1:1`;
  };
  try {
    return { value: document.toJS({ maxAliasCount: 100 }), at, document };
  } catch (error) {
    throw new UserError(`${path}:1:1: ${error instanceof Error ? error.message : String(error)}`);
  }
}
