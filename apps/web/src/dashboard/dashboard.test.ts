// The dashboard in Chromium, fed with logs as files: no server but one that hands out the pages.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { eventLine } from '@sumus/federation/run';
import { nodePrimitives } from '@sumus/platform/node';
import { madeLog } from '@sumus/simulation/made-logs';
import { play } from '@sumus/simulation/replay';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFindings, hasBrowser, Pages, tooWide } from '../browser.contract.ts';

const platform = nodePrimitives();
const folder = mkdtempSync(join(tmpdir(), 'sumus dashboard '));
const small = join(folder, 'small.ndjson');
const large = join(folder, 'large.ndjson');
const isFull = process.env['SUMUS_FULL'] === '1';
const ROUNDS = isFull ? 100 : 15;
const PRIVATE = { platform, seed: 5, participants: 9, rounds: 12, dropChance: 0.2, failChance: 0.2 };

/** Opens a log and waits until all of it is shown. */
async function opened(pages: Pages, path: string | readonly string[], options = {}): Promise<Page> {
  const page = await pages.tab('index.html', options);
  await page.setInputFiles('input[type=file]', path as string);
  await page.waitForSelector('#trust', { timeout: 30_000 });
  await page.waitForFunction(() => document.querySelector('[role=status] progress') === null);
  return page;
}

const slideTo = (page: Page, share: number): Promise<void> =>
  page.locator('.replay input[type=range]').evaluate((element, where) => {
    const input = element as HTMLInputElement;
    input.value = String(Math.round(where * Number(input.max)));
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }, share);

describe.skipIf(!hasBrowser())('the dashboard in Chromium', () => {
  let pages: Pages;
  let blobs: string[] = [];
  beforeAll(async () => {
    for await (const text of madeLog(PRIVATE)) writeFileSync(small, text, { flag: 'a' });
    const options = { platform, seed: 2, participants: 1000, rounds: ROUNDS, dropChance: 0.05, failChance: 0.02 };
    for await (const text of madeLog(options)) writeFileSync(large, text, { flag: 'a' });
    const { simulated } = await play(platform, 3, { protection: 'one-shot', faults: [] });
    const { disk } = simulated.server;
    const path = join(folder, 'played.ndjson');
    writeFileSync(path, disk.events.map((event) => `${eventLine(event)}\n`).join(''));
    blobs = [path];
    for (const [hash, bytes] of disk.blobs) {
      writeFileSync(join(folder, hash), bytes);
      blobs.push(join(folder, hash));
    }
    pages = await Pages.open({ '/log.ndjson': readFileSync(small) });
  }, 120_000);
  afterAll(async () => {
    await pages?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('weighs at most 180 KB, gzip, script and WebAssembly, until it shows a run', () => {
    const assets = join(Pages.folder, 'assets');
    const html = readFileSync(join(Pages.folder, 'index.html'), 'utf8');
    // What the page names itself, what that names in turn, and the worker that holds the log.
    const wanted = [...html.matchAll(/assets\/([\w.-]+\.(?:js|css))/g)].map(([, name = '']) => name);
    const all = readdirSync(assets);
    wanted.push(...all.filter((name) => name.startsWith('log.worker')));
    for (const name of wanted) {
      const source = readFileSync(join(assets, name), 'utf8');
      for (const [, found = ''] of source.matchAll(/from"\.\/([\w.-]+\.js)"|import"\.\/([\w.-]+\.js)"/g)) {
        if (found !== '' && !wanted.includes(found)) wanted.push(found);
      }
    }
    const bytes = wanted.reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name))).length, 0);
    expect(wanted.length).toBeGreaterThan(3);
    expect(bytes).toBeLessThanOrEqual(180_000);
  });

  it.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['a phone', { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true }],
  ] as const)('shows a whole run without a serious finding of axe-core, in %s', async (_, options) => {
    const page = await opened(pages, small, options);
    await slideTo(page, 0.6);
    await page.waitForTimeout(400);
    expect(await axeFindings(page)).toEqual([]);
    expect(await tooWide(page)).toEqual([]);
    expect(await page.locator('h1').count()).toBe(1);
    await page.context().close();
  });

  it('shows an empty page without a serious finding, and opens a log by its address', async () => {
    const page = await pages.tab('index.html');
    await page.waitForSelector('h1');
    expect(await axeFindings(page)).toEqual([]);
    // That it looks at all: a picture without words is found.
    await page.evaluate(() => document.querySelector('main')?.append(document.createElement('img')));
    expect(await axeFindings(page)).not.toEqual([]);
    await page.goto(`${pages.origin}/index.html?log=log.ndjson`);
    await page.waitForSelector('#trust');
    await page.context().close();
  });

  it('shows what the server sees as noise, and the model beside it, from blobs that were dropped', async () => {
    const page = await opened(pages, blobs);
    await page.waitForSelector('#sealed .pixels');
    await page.waitForFunction(() => document.querySelectorAll('#sealed .pixels').length === 2);
    const text = await page.locator('#sealed').textContent();
    expect(text).toMatch(/this is noise/);
    await page.context().close();
  });

  it('verifies the ledger, proves a contribution, and finds one byte that was changed', async () => {
    const page = await opened(pages, small);
    await page.getByRole('button', { name: 'Verify it here' }).click();
    await page.getByText(/^Intact: 12 records/).waitFor();
    await page.getByRole('button', { name: 'Prove it' }).click();
    await page.locator('.trust .note', { hasText: /is in the sum of round|is not in the sum/ }).waitFor();
    const changed = join(folder, 'changed.ndjson');
    const text = readFileSync(small, 'utf8');
    // The signature of a record in the middle: one hexadecimal digit.
    const at = text.indexOf('"signature":"', text.lastIndexOf('"record":{', text.length / 2)) + '"signature":"'.length;
    writeFileSync(changed, `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`);
    await page.setInputFiles('input[type=file]', changed);
    await page.getByRole('button', { name: 'Verify it here' }).click();
    await page
      .getByText(/is not what its owner signed/)
      .first()
      .waitFor();
    await page.context().close();
  });

  it('names the line of a log that goes wrong, and shows what came before it', async () => {
    const lines = readFileSync(small, 'utf8').split('\n');
    const cut = join(folder, 'cut.ndjson');
    writeFileSync(cut, [...lines.slice(0, 300), ...lines.slice(301)].join('\n'));
    const page = await opened(pages, cut);
    expect(await page.getByRole('alert').textContent()).toMatch(/line \d+: message \d+ of clinic-\d is out of order/);
    await page.context().close();
  });

  it('is worked by the keyboard alone', async () => {
    const page = await opened(pages, small);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('skip');
    await page.keyboard.press('Enter');
    const reached = new Set<string>();
    for (let step = 0; step < 60; step++) {
      await page.keyboard.press('Tab');
      const name = await page.evaluate(() => {
        const { activeElement } = document;
        return activeElement?.getAttribute('aria-label') ?? activeElement?.textContent ?? '';
      });
      reached.add(name);
    }
    for (const name of ['Play', 'Moment of the run', 'Verify it here', 'Prove it', 'Model']) {
      expect([...reached], name).toContain(name);
    }
    await page.locator('.replay input[type=range]').focus();
    await page.keyboard.press('Home');
    await page.getByText('Before the first round').waitFor();
    await page.keyboard.press('End');
    await page
      .getByText(/Round \d+ of \d+/)
      .first()
      .waitFor();
    await page.context().close();
  });

  it('opens, scrubs and replays a thousand participants without holding the page up', async () => {
    const page = await pages.tab('index.html');
    await page.evaluate(() => {
      const long: number[] = [];
      Object.assign(globalThis, { longTasks: long });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) long.push(Math.round(duration));
      }).observe({ type: 'longtask' });
    });
    await page.setInputFiles('input[type=file]', large);
    await page.waitForSelector('#trust', { timeout: 60_000 });
    await page
      .getByText(/All rounds done/i)
      .first()
      .waitFor({ timeout: 60_000 });
    for (let step = 0; step <= 40; step++) await slideTo(page, ((step * 7) % 41) / 41);
    await page.getByRole('button', { name: 'Play' }).click();
    await page.waitForTimeout(1500);
    const long: number[] = await page.evaluate(() => (globalThis as unknown as { longTasks: number[] }).longTasks);
    // The bench holds it to 100 ms on a quiet machine; here others may have the processor.
    expect(long.filter((ms) => ms > 250)).toEqual([]);
    await page.context().close();
  });

  it('asked nobody else, kept to its policy and left no error', () => {
    expect(pages.troubles).toEqual([]);
  });
});
