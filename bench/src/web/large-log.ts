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
    const longestTaskMs = await page.evaluate(
      () => (globalThis as unknown as { long: { longest: number } }).long.longest,
    );
    const memoryMegabytes = await memoryOf(context, page);
    return {
      megabytes: statSync(path).size / 2 ** 20,
      events,
      openSeconds,
      longestTaskMs,
      slowestScrubMs,
      framesPerSecond,
      memoryMegabytes,
    };
  } finally {
    await context.close();
  }
}

type Context = Awaited<ReturnType<Served['browser']['newContext']>>;
type Page = Awaited<ReturnType<Context['newPage']>>;

/** Heaps and array buffers of the page and of each of its workers. */
async function memoryOf(context: Context, page: Page): Promise<number> {
  const session = await context.newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const own = await session.send('Runtime.getHeapUsage');
  let bytes = heapBytes(own);
  for (const worker of page.workers()) {
    // Workers have no session of their own here: what they say of themselves.
    bytes += await worker.evaluate(() => {
      const { memory } = performance as unknown as { memory?: { usedJSHeapSize: number } };
      return memory?.usedJSHeapSize ?? 0;
    });
  }
  return bytes / 2 ** 20;
}

const heapBytes = (usage: object): number =>
  Object.entries(usage)
    .filter(([name]) => name === 'usedSize' || name === 'embedderHeapUsedSize' || name === 'backingStorageSize')
    .reduce((all, [, value]) => all + Number(value), 0);
