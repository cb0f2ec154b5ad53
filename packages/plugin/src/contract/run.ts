import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../lib/errors.ts';
import type { Check } from './checks.ts';
import { Client, type Connection } from './client.ts';
import type { Entry } from './contract.ts';
import { echoed } from './echo.ts';
import type { Message } from './message.ts';
import { VERIFY_ID } from '../stack/types.ts';
import { formatMs } from './units.ts';

/** Where a contract runs. */
export interface Endpoint extends Connection {
  /** What the upstream got for the request with this id. Without it, only what an echo service answers can tell. */
  readonly seen?: (id: string) => Message | undefined;
}

/** Something that is not as the contract says. */
export interface Problem {
  /** What was compared, such as `response header x-a`. */
  readonly what: string;
  readonly expected: string;
  /** What the first request with this problem got. */
  readonly got: string;
  /** How many requests had it. */
  readonly requests: number;
}

/** What came of one entry of a contract. */
export interface EntryResult {
  readonly entry: Entry;
  /** Requests sent; fewer than `entry.repeat` when too many were not answered, or the run was ended. */
  readonly requests: number;
  /** Time of each answered request in milliseconds, from the first byte sent to the last one received. */
  readonly times: readonly number[];
  readonly problems: readonly Problem[];
  /** Expectations that could not be compared, with the reason. */
  readonly notChecked: readonly string[];
}

/** An entry stops after this many requests without an answer: more would only take the time of their timeouts. */
const MAX_UNANSWERED = 5;

/** How long a request that should not reach the upstream is given to reach it nevertheless, in milliseconds. */
const LATE = 20;

const NO_ECHO =
  'upstream not checked: no echo service answered there, so nothing tells what the upstream got';

const NOT_SEEN = `nothing: it was not forwarded (or the extension removed ${VERIFY_ID} and changed the answer)`;

/** Sends the requests of `entries`, one entry after the other, and compares what came of them. */
export async function runEntries(
  entries: readonly Entry[],
  endpoint: Endpoint,
  signal?: AbortSignal,
): Promise<EntryResult[]> {
  const judges: Judge[] = [];
  for (const entry of entries) {
    if (signal?.aborted) break;
    const judge = new Judge(entry, endpoint);
    judges.push(judge);
    await runEntry(entry, endpoint, judge, signal);
  }
  const echo = endpoint.seen !== undefined || judges.some(({ sawEcho }) => sawEcho);
  return judges.map((judge) => judge.result(echo));
}

async function runEntry(entry: Entry, endpoint: Endpoint, judge: Judge, signal?: AbortSignal): Promise<void> {
  const client = new Client(endpoint);
  const close = () => client.close();
  signal?.addEventListener('abort', close);
  const worker = async (): Promise<void> => {
    while (judge.requests < entry.repeat && judge.unanswered < MAX_UNANSWERED && !signal?.aborted) {
      judge.requests++;
      const id = randomUUID();
      const start = performance.now();
      try {
        const response = await client.send(entry.request, id);
        judge.answered(id, response, performance.now() - start);
      } catch (error) {
        if (!signal?.aborted) judge.failed(messageOf(error));
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: entry.concurrency }, worker));
  } finally {
    signal?.removeEventListener('abort', close);
    close();
  }
  if (entry.upstream === 'none' && endpoint.seen) await sleep(LATE);
  judge.finish();
}

/** Compares the answers to one entry's requests with what it expects. */
class Judge {
  requests = 0;
  unanswered = 0;
  /** Whether an answer was that of an echo service. */
  sawEcho = false;
  readonly #entry: Entry;
  readonly #endpoint: Endpoint;
  readonly #problems = new Map<string, Problem>();
  readonly #notChecked = new Set<string>();
  readonly #times: number[] = [];
  /** Answers whose requests must not have reached the upstream. */
  readonly #denied: { id: string; seen: Message | undefined }[] = [];

  constructor(entry: Entry, endpoint: Endpoint) {
    this.#entry = entry;
    this.#endpoint = endpoint;
  }

  answered(id: string, response: Message, ms: number): void {
    const { upstream, response: expected, withinMs } = this.#entry;
    this.#times.push(ms);
    this.#compare('response', expected, response);
    if (withinMs !== undefined && ms > withinMs)
      this.#add('time', `at most ${formatMs(withinMs)}`, formatMs(ms));
    const echo = echoed(response);
    this.sawEcho ||= echo !== undefined;
    const seen = this.#endpoint.seen?.(id) ?? echo;
    if (upstream === 'none') this.#denied.push({ id, seen });
    else if (upstream.length) this.#compareUpstream(upstream, seen);
  }

  failed(reason: string): void {
    this.unanswered++;
    this.#add('response', 'an answer', reason);
  }

  /** To be called some time after the last answer. */
  finish(): void {
    for (const { id, seen = this.#endpoint.seen?.(id) } of this.#denied) {
      if (seen) this.#add('upstream', 'nothing', `${seen.method ?? ''} ${seen.path ?? ''}`);
    }
  }

  /** @param echo whether an echo service is known to stand behind the endpoint */
  result(echo: boolean): EntryResult {
    if (this.#denied.length && !echo) this.#notChecked.add(NO_ECHO);
    return {
      entry: this.#entry,
      requests: this.requests,
      times: this.#times,
      problems: [...this.#problems.values()],
      notChecked: [...this.#notChecked],
    };
  }

  #compareUpstream(checks: readonly Check[], seen: Message | undefined): void {
    if (seen) this.#compare('upstream', checks, seen);
    else if (this.#endpoint.seen) this.#add('upstream', 'the request', NOT_SEEN);
    else this.#notChecked.add(NO_ECHO);
  }

  #compare(side: string, checks: readonly Check[], message: Message): void {
    for (const check of checks) {
      if (message[check.part] === undefined) {
        this.#notChecked.add(`${side} ${check.what} not checked: the echo service there does not report it`);
        continue;
      }
      const got = check.differs(message);
      if (got !== undefined) this.#add(`${side} ${check.what}`, check.expected, got);
    }
  }

  #add(what: string, expected: string, got: string): void {
    const key = `${what}\n${expected}`;
    const known = this.#problems.get(key);
    this.#problems.set(key, { what, expected, got: known?.got ?? got, requests: (known?.requests ?? 0) + 1 });
  }
}
