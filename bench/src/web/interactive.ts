// How soon the dashboard can be used, on a processor four times as slow: from the navigation until its main thread rests and its first button works.
import type { Served } from './pages.ts';

export interface InteractiveTimes {
  readonly firstPaintMs: number;
  /** When the button was there, or the last long task after it ended, whichever is later. */
  readonly interactiveMs: number;
}

const SLOWER = 4;

export async function timeToInteractive({ browser, origin }: Served): Promise<InteractiveTimes> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
    await page.addInitScript(() => {
      const times = { ready: 0, busyUntil: 0, paint: 0 };
      Object.assign(globalThis, { times });
      new PerformanceObserver((list) => {
        for (const { startTime, duration } of list.getEntries()) times.busyUntil = startTime + duration;
      }).observe({ type: 'longtask', buffered: true });
      new PerformanceObserver((list) => {
        for (const { name, startTime } of list.getEntries()) {
          if (name === 'first-contentful-paint') times.paint = startTime;
        }
      }).observe({ type: 'paint', buffered: true });
      const look = (): void => {
        if (document.querySelector('label.button') !== null) times.ready = performance.now();
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    await page.goto(`${origin}/index.html`);
    await page.waitForSelector('label.button');
    await page.waitForTimeout(1500);
    const { ready, busyUntil, paint } = await page.evaluate(
      () => (globalThis as unknown as { times: { ready: number; busyUntil: number; paint: number } }).times,
    );
    return { firstPaintMs: paint, interactiveMs: Math.max(ready, busyUntil) };
  } finally {
    await context.close();
  }
}
