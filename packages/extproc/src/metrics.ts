import { type Phase, phases } from './wire/request.ts';

/** Upper bounds in seconds. */
const buckets = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

interface Histogram {
  counts: number[];
  sum: number;
}

/** Counts what happens, and renders it for Prometheus. */
export class Metrics {
  readonly #durations = new Map<Phase, Histogram>(
    phases.map((phase) => [phase, { counts: new Array<number>(buckets.length + 1).fill(0), sum: 0 }]),
  );
  readonly #ends = new Map<number, number>();
  #opened = 0;
  #active = 0;
  #responded = 0;

  /** Streams that have not ended. */
  get active(): number {
    return this.#active;
  }

  opened(): void {
    this.#opened++;
    this.#active++;
  }

  /** @param status of gRPC; 1 (CANCELLED) is how Envoy ends a stream that it needs no more */
  ended(status: number): void {
    this.#active--;
    this.#ends.set(status, (this.#ends.get(status) ?? 0) + 1);
  }

  responded(): void {
    this.#responded++;
  }

  /** @param seconds that the handler of a phase took */
  handled(phase: Phase, seconds: number): void {
    const histogram = this.#durations.get(phase);
    if (!histogram) return;
    let bucket = 0;
    while (bucket < buckets.length && seconds > (buckets[bucket] ?? 0)) bucket++;
    histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
    histogram.sum += seconds;
  }

  /** The text format of Prometheus. */
  render(): string {
    const lines = [
      ...describe('extproc_streams_total', 'counter', 'Exchanges that Envoy has opened.'),
      `extproc_streams_total ${this.#opened}`,
      ...describe('extproc_streams_active', 'gauge', 'Exchanges under way.'),
      `extproc_streams_active ${this.#active}`,
      ...describe('extproc_streams_ended_total', 'counter', 'Exchanges that have ended, by gRPC status.'),
      ...[...this.#ends].map(([status, count]) => `extproc_streams_ended_total{status="${status}"} ${count}`),
      ...describe('extproc_immediate_responses_total', 'counter', 'Answers given to clients at once.'),
      `extproc_immediate_responses_total ${this.#responded}`,
      ...describe(
        'extproc_handler_duration_seconds',
        'histogram',
        'Time until a handler had decided, by phase.',
      ),
    ];
    for (const [phase, { counts, sum }] of this.#durations) {
      let total = 0;
      for (const [i, count] of counts.entries()) {
        total += count;
        const bound = buckets[i] ?? '+Inf';
        lines.push(`extproc_handler_duration_seconds_bucket{phase="${phase}",le="${bound}"} ${total}`);
      }
      lines.push(
        `extproc_handler_duration_seconds_sum{phase="${phase}"} ${sum}`,
        `extproc_handler_duration_seconds_count{phase="${phase}"} ${total}`,
      );
    }
    return `${lines.join('\n')}\n`;
  }
}

function describe(name: string, type: string, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}
