import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { curlLine } from '../../contract/curl.ts';
import { readContract } from '../../contract/parse.ts';
import { useColour } from '../../lib/colour.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Log, Stack } from '../../stack/types.ts';

/** How many requests of the contract are shown to try. */
const MAX_EXAMPLES = 3;

const DIM = 2;
const GREEN = 32;
const CYAN = 36;

/** Prints lines of several programs so that one sees whose they are: `envoy | …`. */
export function logger(name: string): Log {
  const colour = useColour();
  const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const codes: Readonly<Record<string, number>> = { envoy: DIM, [name]: CYAN, stack: GREEN };
  const width = Math.max(...Object.keys(codes).map((source) => source.length));
  return (source, text) => {
    const prefix = paint(codes[source] ?? DIM, `${source.padEnd(width)} |`);
    for (const line of text.split('\n')) console.log(`${prefix} ${line}`);
  };
}

/** What to know, and what to try, once the stack runs. */
export function greeting(name: string, root: string, { url, envoy }: Stack, watched: boolean): string {
  return [
    '',
    `${name} runs at ${url} (Envoy ${envoy.version}). Try:`,
    '',
    ...examples(root, url).map((line) => `  ${line}`),
    '',
    `${watched ? 'What you save is loaded at once. ' : ''}Ctrl-C stops everything.`,
    '',
  ].join('\n');
}

/** The first requests of the contract, for a shell. */
function examples(root: string, url: string): string[] {
  const path = join(root, 'contract.yaml');
  const plain = `curl -i ${url}/hello`;
  if (!existsSync(path)) return [plain];
  try {
    const { entries } = readContract(path);
    return entries.slice(0, MAX_EXAMPLES).map(({ request }) => curlLine(request, url));
  } catch (error) {
    return [plain, '', `(contract.yaml has no examples to show: ${messageOf(error)})`];
  }
}
