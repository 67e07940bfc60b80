// What a client's work costs in Chromium against Node: the same work, the same bytes, by the primitives of the web. Measured is processor
// time of the page's whole process, its workers and WebCrypto's threads among them, as Linux counts it; Node's own is measured the same way
// in its process. Where there is no Chromium, no bundler or no Linux, the rows say so: a row is never dropped.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OneShotLiteral } from '@sumus/secure-sum/one-shot';
import type { Outcome, Target } from '../report.ts';
import type { PageRound } from './chromium-page.ts';

const TARGET = '`one-shot` ≤ 1.5 ×, `mask` ≤ 3 × Node';

export const CHROMIUM_TARGETS: Readonly<Record<'oneShot' | 'mask', Target>> = {
  oneShot: {
    name: 'Chromium, the same client work: `one-shot`',
    target: TARGET,
    unit: '× Node',
    bound: { atMost: 1.5 },
  },
  mask: { name: 'Chromium, the same client work: `mask`', target: TARGET, unit: '× Node', bound: { atMost: 3 } },
};

/** Milliseconds of processor time for one unit of the work: of each sample, each of so many units. Or why there are none. */
export type ChromiumTimes = readonly number[] | string;

export const oneShotInChromium = (
  literal: OneShotLiteral,
  contributors: number,
  samples: Samples,
): Promise<ChromiumTimes> => inChromium({ work: 'oneShot', argument: [literal, contributors] }, samples);

export const maskInChromium = (round: PageRound, clientBytes: Uint8Array, samples: Samples): Promise<ChromiumTimes> =>
  inChromium({ work: 'mask', argument: [round], clientBytes }, samples);

export interface Samples {
  readonly samples: number;
  readonly unitsEach: number;
}

/** The row, from both sides' least times. */
export function chromiumOutcome(times: ChromiumTimes, nodeMs: number): Outcome {
  if (typeof times === 'string') return { measured: null, reason: times };
  return { measured: Math.min(...times) / nodeMs };
}

interface Work {
  readonly work: 'oneShot' | 'mask';
  readonly argument: readonly unknown[];
  readonly clientBytes?: Uint8Array;
}

/** What is used of playwright-core and vite: development dependencies of the root, as for the suites that run in Chromium. */
interface Playwright {
  readonly chromium: {
    launch(options: { readonly executablePath: string; readonly args: readonly string[] }): Promise<Browser>;
  };
}

interface Browser {
  newPage(): Promise<Page>;
  newBrowserCDPSession(): Promise<{
    send(method: 'SystemInfo.getProcessInfo'): Promise<{
      readonly processInfo: readonly { readonly type: string; readonly id: number }[];
    }>;
  }>;
  close(): Promise<void>;
}

interface Page {
  route(url: string, serve: (route: Route) => Promise<void>): Promise<void>;
  goto(url: string): Promise<unknown>;
  waitForFunction(condition: () => boolean): Promise<unknown>;
  evaluateHandle<Argument>(act: (argument: Argument) => unknown, argument: Argument): Promise<Handle>;
}

interface Route {
  request(): { url(): string };
  fulfill(answer: { readonly contentType?: string; readonly body: string | Buffer }): Promise<void>;
}

interface Handle {
  evaluate(act: (run: (times: number) => Promise<void>, times: number) => Promise<void>, times: number): Promise<void>;
}

interface Vite {
  build(options: object): Promise<unknown>;
}

const TOOLS = { browser: 'playwright-core', bundler: 'vite' };

async function inChromium(
  { work, argument, clientBytes }: Work,
  { samples, unitsEach }: Samples,
): Promise<ChromiumTimes> {
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) return `there is no Chromium at ${executablePath}`;
  if (process.platform !== 'linux') return 'the processor time of a process is read from /proc';
  const { chromium }: Playwright = await import(TOOLS.browser);
  const script = await bundled();
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  try {
    const ready = await openPage(await browser.newPage(), script, {
      work,
      argument,
      clientBytes: clientBytes ?? NOTHING,
    });
    const run = (count: number): Promise<void> => ready.evaluate((act, times) => act(times), count);
    const session = await browser.newBrowserCDPSession();
    const cpuMs = async (): Promise<number> => {
      const { processInfo } = await session.send('SystemInfo.getProcessInfo');
      // The page's is the one that works; another may wait for a page.
      return Math.max(...processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => cpuMsOf(id)));
    };
    // The first warms up.
    await run(unitsEach);
    const times: number[] = [];
    for (let i = 0; i < samples; i += 1) {
      const before = await cpuMs();
      await run(unitsEach);
      times.push(((await cpuMs()) - before) / unitsEach);
    }
    return times;
  } finally {
    await browser.close();
  }
}

const NOTHING = new Uint8Array(0);

/** A page with the bundle in it, ready to do the work. From localhost, because only secure pages have WebCrypto. */
async function openPage(page: Page, script: string, { work, argument, clientBytes }: Required<Work>): Promise<Handle> {
  await page.route('http://localhost/**', async (route) => {
    switch (new URL(route.request().url()).pathname) {
      case '/page.js':
        return route.fulfill({ contentType: 'text/javascript', body: script });
      case '/client.bin':
        return route.fulfill({ body: Buffer.from(clientBytes) });
      default:
        return route.fulfill({
          contentType: 'text/html',
          body: '<!doctype html><script type="module" src="page.js"></script>',
        });
    }
  });
  await page.goto('http://localhost/');
  await page.waitForFunction(() => globalThis.sumusPage !== undefined);
  return page.evaluateHandle(
    ({ name, given }) => Reflect.apply(Reflect.get(globalThis.sumusPage ?? {}, name), undefined, given),
    { name: work, given: [...argument] },
  );
}

/** Of all threads of a process that live, to the nanosecond (proc(5), schedstat). */
function cpuMsOf(processId: number): number {
  const tasks = `/proc/${processId}/task`;
  let ns = 0;
  for (const task of readdirSync(tasks)) {
    ns += Number(readFileSync(join(tasks, task, 'schedstat'), 'utf8').split(' ')[0]);
  }
  return ns / 1e6;
}

/** chromium-page.js and all it imports, as one module. */
async function bundled(): Promise<string> {
  const { build }: Vite = await import(TOOLS.bundler);
  const entry = fileURLToPath(new URL('./chromium-page.js', import.meta.url));
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, target: 'esnext', lib: { entry, formats: ['es'] } },
  });
  for (const one of [built].flat()) {
    if (typeof one === 'object' && one !== null && 'output' in one && Array.isArray(one.output))
      return one.output[0].code;
  }
  throw new Error('the bundler gave nothing');
}
