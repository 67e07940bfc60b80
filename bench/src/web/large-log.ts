// A log of a thousand participants and five hundred rounds, made from a seed into a file, then opened, scrubbed and replayed in the dashboard.

import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodePrimitives } from '@sumus/platform/node';
import { madeLog } from '@sumus/simulation/made-logs';
import type { Served } from './pages.ts';

export interface LogSize {
  readonly participants: number;
  readonly rounds: number;
}

export interface LargeLogTimes {
  readonly megabytes: number;
  readonly events: number;
  readonly openSeconds: number;
  /** Of the page's thread, while it opened, scrubbed and played. */
  readonly longestTaskMs: number;
  /** The same in processor time, where others have the machine as well. */
  readonly longestTaskCpuMs: number;
  /** From a move of the slider to the scene: the slowest. */
  readonly slowestScrubMs: number;
  readonly framesPerSecond: number;
  /** Of the page and its workers, after a collection. */
  readonly memoryMegabytes: number;
}

export async function openLargeLog(served: Served, { participants, rounds }: LogSize): Promise<LargeLogTimes> {
  const folder = mkdtempSync(join(tmpdir(), 'sumus web bench '));
  try {
    const path = join(folder, 'large.ndjson');
    await write(path, { participants, rounds });
    return await measured(served, path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function write(path: string, size: LogSize): Promise<void> {
  const file = createWriteStream(path);
  const options = { platform: nodePrimitives(), seed: 9, dropChance: 0.05, failChance: 0.01, ...size };
  for await (const text of madeLog(options)) if (!file.write(text)) await once(file, 'drain');
  file.end();
  await once(file, 'finish');
}

async function measured(served: Served, path: string): Promise<LargeLogTimes> {
  const context = await served.browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    await page.goto(`${served.origin}/index.html`);
    await page.waitForSelector('input[type=file]', { state: 'attached' });
    await page.evaluate(() => {
      const long = { longest: 0 };
      Object.assign(globalThis, { long });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) long.longest = Math.max(long.longest, duration);
      }).observe({ type: 'longtask' });
    });
    await served.browser.startTracing(page, { categories: ['toplevel'] });
    const began = performance.now();
    await page.setInputFiles('input[type=file]', path);
    await page.getByText('All rounds done').first().waitFor({ timeout: 300_000 });
    const openSeconds = (performance.now() - began) / 1000;
    const { events, slowestScrubMs } = await page.evaluate(async () => {
      const input = document.querySelector<HTMLInputElement>('.replay input[type=range]');
      if (input === null) throw new Error('the page has no slider');
      const all = Number(input.max);
      let slowest = 0;
      for (let step = 0; step < 60; step++) {
        const at = Math.round((((step * 23) % 60) / 60) * all);
        const label = document.querySelector('.replay .where')?.textContent;
        const from = performance.now();
        input.value = String(at);
        input.dispatchEvent(new Event('input', { bubbles: true }));
        // The scene has come when the round or the time that is shown is another.
        while (document.querySelector('.replay .where')?.textContent === label && performance.now() - from < 1000) {
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
        slowest = Math.max(slowest, performance.now() - from);
      }
      return { events: all, slowestScrubMs: slowest };
    });
    await page.getByRole('button', { name: 'Play' }).click();
    const framesPerSecond = await page.evaluate(async () => {
      let frames = 0;
      const from = performance.now();
      while (performance.now() - from < 3000) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        frames += 1;
      }
      return (1000 * frames) / (performance.now() - from);
    });
    const longestTaskCpuMs = longestOf(await served.browser.stopTracing());
    const longestTaskMs = await page.evaluate(
      () => (globalThis as unknown as { long: { longest: number } }).long.longest,
    );
    const memoryMegabytes = await memoryOf(page);
    return {
      megabytes: statSync(path).size / 2 ** 20,
      events,
      openSeconds,
      longestTaskMs,
      longestTaskCpuMs,
      slowestScrubMs,
      framesPerSecond,
      memoryMegabytes,
    };
  } finally {
    await context.close();
  }
}

type Page = Awaited<ReturnType<Served['browser']['newPage']>>;

/** Of the page, its workers and what they hold outside of their heaps. */
async function memoryOf(page: Page): Promise<number> {
  const bytes = await page.evaluate(async () => {
    const { measureUserAgentSpecificMemory: measure } = performance as unknown as {
      measureUserAgentSpecificMemory?: () => Promise<{ bytes: number }>;
    };
    return (await measure?.call(performance))?.bytes ?? Number.NaN;
  });
  return bytes / 2 ** 20;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds of the thread's processor time. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Of the main threads of renderers: milliseconds of processor time of the longest task. */
function longestOf(trace: Buffer): number {
  const { traceEvents }: { readonly traceEvents: readonly TraceEvent[] } = JSON.parse(trace.toString('utf8'));
  const main = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  let longest = 0;
  for (const { name, ph, pid, tid, tdur = 0 } of traceEvents) {
    if (ph === 'X' && name.endsWith('RunTask') && main.has(`${pid} ${tid}`)) longest = Math.max(longest, tdur / 1000);
  }
  return longest;
}
