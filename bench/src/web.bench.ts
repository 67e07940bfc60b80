// Is the dashboard light and quick, also with a log of a thousand participants and five hundred rounds?
import { type Bench, composeReport, type Outcome, type Result, type Target } from './report.ts';
import { timeToInteractive } from './web/interactive.ts';
import { openLargeLog } from './web/large-log.ts';
import { buildPages, firstPaintBytes, hasBrowser, servePages } from './web/pages.ts';
import { sameBytes } from './web/same-bytes.ts';
import { stepsInPage } from './web-step/steps-in-page.ts';

const LARGE = '1,000-participant, 500-round log: open, scrub, replay';
const LARGE_BOUND = 'no long task > 100 ms, memory ≤ 250 MB';

const TARGETS = {
  weight: {
    name: 'JavaScript + WASM to first meaningful paint of the dashboard, gzip',
    target: '≤ 180 KB',
    unit: 'KB',
    bound: { atMost: 180 },
  },
  interactive: {
    name: 'Lighthouse-like timings on loopback, throttled 4 ×',
    target: 'interactive ≤ 1.5 s',
    unit: 's',
    bound: { atMost: 1.5 },
  },
  task: { name: `${LARGE}: longest task, processor time`, target: LARGE_BOUND, unit: 'ms', bound: { atMost: 100 } },
  memory: { name: `${LARGE}: memory`, target: LARGE_BOUND, unit: 'MB', bound: { atMost: 250 } },
  step: {
    name: 'a browser participant’s MNIST CNN step, batch 64, Chromium without a GPU, against @tensorflow/tfjs in the same page',
    target: '≥ 5 ×',
    unit: '×',
    bound: { atLeast: 5 },
  },
  bytes: {
    name: 'sealed updates of Node and browser for the same seed',
    target: 'byte-identical',
    unit: '1: they are',
    bound: { atLeast: 1 },
  },
} as const satisfies Record<string, Target>;

export const web: Bench = {
  name: 'web',
  question: 'Is the dashboard light and quick, also with a log of a thousand participants and five hundred rounds?',
  async run(options) {
    const results: Result[] = [];
    const outcomes = new Map<string, Outcome>();
    const report = () => composeReport({ bench: 'web', options, targets: Object.values(TARGETS), results, outcomes });
    const trouble = hasBrowser() ? buildPages() : 'no Chromium on this machine; name one with CHROMIUM=path';
    if (trouble !== undefined) {
      for (const { name } of Object.values(TARGETS)) outcomes.set(name, { measured: null, reason: trouble });
      return report();
    }
    outcomes.set(TARGETS.weight.name, { measured: firstPaintBytes() / 1000 });
    if (!options.smoke) {
      options.say('what is sent, in Node and in Chromium');
      outcomes.set(TARGETS.bytes.name, sameBytes());
    }
    const served = await servePages();
    try {
      options.say('time to interactive, on a processor four times as slow');
      const times: number[] = [];
      for (let repeat = 0; repeat < (options.smoke ? 1 : 5); repeat++) {
        const { firstPaintMs, interactiveMs } = await timeToInteractive(served);
        times.push(interactiveMs / 1000);
        results.push({ name: `interactive, repeat ${repeat + 1}`, firstPaintMs, interactiveMs });
      }
      outcomes.set(TARGETS.interactive.name, { measured: Math.min(...times) });
      const size = options.smoke ? { participants: 20, rounds: 3 } : { participants: 1000, rounds: 500 };
      options.say(`a log of ${size.participants} participants and ${size.rounds} rounds`);
      const large = await openLargeLog(served, size);
      results.push({ name: `${size.participants} participants, ${size.rounds} rounds`, ...large });
      // In processor time: what others do to the machine meanwhile is no task of the page. The row beside it has the clock's.
      outcomes.set(TARGETS.task.name, { measured: large.longestTaskCpuMs });
      outcomes.set(TARGETS.memory.name, { measured: large.memoryMegabytes });
      options.say('a step of training in a page, beside tfjs');
      const steps = await stepsInPage(served.browser, options.smoke ? 1 : 7);
      results.push({ name: 'MNIST CNN step, batch 64', ...steps });
      outcomes.set(TARGETS.step.name, { measured: steps.tfjsMs / steps.sumusMs });
    } finally {
      await served.close();
    }
    return report();
  },
};
