// Numbers about this process in Prometheus' text form. Nothing in them names a run, a participant or a key: whoever may look at them learns how
// busy the server is, and no more.

import { monitorEventLoopDelay } from 'node:perf_hooks';

type Labels = Readonly<Record<string, string>>;

interface Metric {
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly values: Map<string, number>;
}

export class Metrics {
  readonly #metrics = new Map<string, Metric>();
  readonly #gauges: (() => void)[] = [];
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });

  constructor() {
    this.#delay.enable();
    this.gauge('sumus_process_resident_bytes', 'memory of this process', () => process.memoryUsage.rss());
    this.gauge('sumus_process_heap_bytes', 'memory of values', () => process.memoryUsage().heapUsed);
    this.gauge('sumus_process_buffer_bytes', 'memory of buffers', () => process.memoryUsage().arrayBuffers);
    this.gauge(
      'sumus_process_external_bytes',
      'memory of buffers, and of what is not JavaScript',
      () => process.memoryUsage().external,
    );
    this.gauge('sumus_process_cpu_seconds', 'CPU time of this process, user and system', () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    });
    this.gauge('sumus_event_loop_delay_seconds', 'the longest of the event loop since it was last asked for', () => {
      const seconds = this.#delay.max / 1e9;
      this.#delay.reset();
      return seconds;
    });
  }

  count(name: string, help: string, labels: Labels = {}, by = 1): void {
    const { values } = this.#of(name, 'counter', help);
    const key = textOf(labels);
    values.set(key, (values.get(key) ?? 0) + by);
  }

  gauge(name: string, help: string, value: () => number): void {
    const { values } = this.#of(name, 'gauge', help);
    this.#gauges.push(() => values.set('', value()));
  }

  text(): string {
    for (const update of this.#gauges) update();
    const lines: string[] = [];
    for (const [name, { type, help, values }] of this.#metrics) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
      for (const [labels, value] of values) lines.push(`${name}${labels} ${value}`);
    }
    return `${lines.join('\n')}\n`;
  }

  close(): void {
    this.#delay.disable();
  }

  #of(name: string, type: Metric['type'], help: string): Metric {
    const known = this.#metrics.get(name);
    if (known !== undefined) return known;
    const fresh: Metric = { type, help, values: new Map() };
    this.#metrics.set(name, fresh);
    return fresh;
  }
}

/** Values are our own words: nothing of a request stands in them. */
function textOf(labels: Labels): string {
  const entries = Object.entries(labels);
  return entries.length === 0 ? '' : `{${entries.map(([name, value]) => `${name}="${value}"`).join(',')}}`;
}
