import type { Inspection } from './inspect.ts';

const WIDTH = 100;

/** A module's inspection as a small table for the terminal. */
export function report(path: string, { size, gzipped, abi, callbacks, imports }: Inspection): string {
  const functions = (prefix: string) =>
    imports.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  const rows: [string, string[]][] = [
    ['size', [`${kib(size)} (${kib(gzipped)} gzipped)`]],
    ['ABI', [`Proxy-Wasm ${abi ?? 'unknown'}`]],
    ['proxy_on_', callbacks.map((name) => name.slice('proxy_on_'.length))],
    ['calls proxy_', functions('env.proxy_')],
    ['calls WASI', [...functions('wasi_snapshot_preview1.'), ...functions('wasi_unstable.')]],
  ];
  const filled = rows.filter(([, words]) => words.length);
  return [path, ...filled.flatMap(([label, words]) => row(label, words.join(', ')))].join('\n');
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}

/** `label` and its text, broken at spaces into lines of `WIDTH`. */
function row(label: string, text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line, index) => `  ${(index ? '' : label).padEnd(12)} ${line}`);
}
