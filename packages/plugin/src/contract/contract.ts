import type { Check } from './checks.ts';
import type { Payload } from './payload.ts';

/** A contract, as `contract.yaml` says it: parsed, checked and ready to run. */
export interface Contract {
  /** What to call the file in messages. */
  readonly path: string;
  readonly entries: readonly Entry[];
}

/** One request with what it must lead to. */
export interface Entry {
  /** Unique in the contract. */
  readonly name: string;
  /** `path:line:column` of the entry. */
  readonly at: string;
  readonly request: Request;
  /** `none`: the request must not reach the upstream. An empty list: nothing is said about the upstream. */
  readonly upstream: 'none' | readonly Check[];
  /** Always holds a check of the status. */
  readonly response: readonly Check[];
  /** How often the request is sent; at least 1. */
  readonly repeat: number;
  /** How many repetitions are under way at once; at least 1. */
  readonly concurrency: number;
  /** Time budget of each request in milliseconds. */
  readonly withinMs?: number;
}

/** What is sent. */
export interface Request {
  readonly method: string;
  /** Path and query, as written. */
  readonly path: string;
  /** In the order of the file, names as written; one line for each value. */
  readonly headers: readonly HeaderLines[];
  readonly body?: Payload;
  /** Without a content-length. */
  readonly chunked: boolean;
  readonly trailers: readonly HeaderLines[];
}

/** A header name with its values. */
export type HeaderLines = readonly [name: string, values: readonly string[]];
