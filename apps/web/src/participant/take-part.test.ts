// A server, three participants in Node and two in a real browser: what comes out is the sum of what everybody trained, and stays so when one of
// the browsers is closed in the middle of a round and opened again.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Progress } from '@sumus/client/participation';
import { firstWeightsOf } from '@sumus/federation/model';
import { networkOf, type WorkerData, workerOf } from '@sumus/federation/worker';
import { wasmEngine } from '@sumus/learning/engine';
import { nodePrimitives } from '@sumus/platform/node';
import type { BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFindings, hasBrowser, Pages } from '../browser.contract.ts';
import { type Digits, digitsAt, digitsIn } from '../digits/digits.ts';
import { MEMBERS, RunForTests } from './run-for-tests.contract.ts';

const NODE_MEMBERS = MEMBERS.slice(0, 3);
const NODE_DIGITS = 400;
const ALL_DIGITS = 3000;

type Model = Extract<Progress, { kind: 'model' }>;

describe.skipIf(!hasBrowser())('a browser takes part', () => {
  let pages: Pages;
  let run: RunForTests;
  let digits: Digits;

  beforeAll(async () => {
    Pages.build();
    run = await RunForTests.begin();
    pages = await Pages.at(run.origin);
    digits = digitsIn(new Uint8Array(readFileSync(join(Pages.folder, 'digits.png'))));
  }, 120_000);

  afterAll(async () => {
    await run?.end();
    await pages?.close();
  });

  const dataOf = (place: number, count: number): WorkerData => {
    const { inputs, labels } = digitsAt(digits, place * NODE_DIGITS, count);
    return { inputs, labels, inputSize: 784, unitOfRow: Uint32Array.from(labels, (_, row) => row) };
  };

  /** What everybody's step from the model before comes to, as a mean. */
  const expectedAfter = async (before: Float32Array, all: readonly WorkerData[]): Promise<Float32Array> => {
    const engine = await wasmEngine();
    const tools = { engine, platform: nodePrimitives(), network: networkOf(engine, run.plan) };
    const sum = new Float64Array(before.length);
    for (const data of all) {
      const made = workerOf(
        tools,
        run.plan,
        data,
        tools.platform.randomBytes,
      )({
        kind: 'update',
        start: before,
        drift: undefined,
      });
      if (made.kind !== 'update') throw new Error(made.kind);
      made.update.forEach((value, i) => {
        sum[i]! += value / all.length;
      });
    }
    return before.map((value, i) => value + sum[i]!);
  };

  const sayYes = async (page: Page): Promise<void> => {
    await page.locator('#data').waitFor();
    await page.getByLabel('How many digits').fill(String(ALL_DIGITS));
    await page.getByLabel('How many digits').blur();
    await page.getByRole('button', { name: 'Use the built-in digits' }).click();
    await page.getByText(/^digits: 3,000 examples/).waitFor();
    await page.getByRole('checkbox', { name: /I have read/ }).check();
    await page.getByRole('button', { name: 'Take part' }).click();
  };

  it('to a right sum, a trained model and valid receipts, though one of two tabs is closed in the middle of a round', async () => {
    const models = new Map<string, Model[]>(NODE_MEMBERS.map((name) => [name, []]));
    const outcomes = NODE_MEMBERS.map((name, place) =>
      run.inNode(name, dataOf(place, NODE_DIGITS), (progress) => {
        if (progress.kind === 'model') models.get(name)?.push(progress);
      }),
    );
    const one = await pages.tab(run.link('tab-one').slice(run.origin.length + 1));
    const two = await pages.tab(run.link('tab-two').slice(run.origin.length + 1));
    // The secret is out of the address, and the plan is there to read.
    expect(new URL(one.url()).hash).toBe('');
    await one.locator('#leaves').waitFor();
    expect(await axeFindings(one)).toEqual([]);
    await sayYes(one);
    await sayYes(two);
    await run.until(({ members }) => members.filter(({ standing }) => standing === 'accepted').length === 5);
    // Paused, it says nothing; it goes on with the data that were kept.
    await one.getByRole('button', { name: 'Pause' }).click();
    await one.getByRole('heading', { name: 'Paused' }).waitFor();
    await one.getByText(/^digits: 3,000 examples/).waitFor();
    await one.getByRole('button', { name: 'Go on' }).click();
    await one.getByRole('heading', { name: 'Taking part' }).waitFor();
    await run.start();
    await run.until(({ version }) => version >= 1);
    // In the middle of the next round: this tab goes, and what it had is in its browser alone.
    await run.until(({ round, phase }) => phase === 'in a round' && (round ?? 0) >= 1);
    const context: BrowserContext = two.context();
    await two.close();
    await run.until(({ version, phase }) => version >= 2 || phase === 'ended');
    const again = await context.newPage();
    await again.goto(`${run.origin}/join`);
    await again.getByRole('heading', { name: /Taking part|The end/ }).waitFor();
    const ended = await Promise.all(outcomes);
    await one.getByRole('heading', { name: 'The end' }).waitFor();
    // Everybody computed the same models, and each is the mean of what its contributors trained.
    const [first = []] = models.values();
    expect(first.map(({ published }) => published.version)).toEqual([1, 2]);
    for (const others of models.values()) {
      expect(others.map(({ published }) => published)).toEqual(first.map(({ published }) => published));
    }
    let before: Float32Array = weightsOf(undefined);
    for (const { published, contributors } of first) {
      const tabs = contributors - NODE_MEMBERS.length;
      expect(tabs === 1 || tabs === 2).toBe(true);
      const all = [
        ...NODE_MEMBERS.map((_, place) => dataOf(place, NODE_DIGITS)),
        ...Array.from({ length: tabs }, () => dataOf(0, ALL_DIGITS)),
      ];
      const expected = await expectedAfter(before, all);
      const after = weightsOf(published);
      const farthest = after.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
      const moved = after.reduce((most, value, i) => Math.max(most, Math.abs(value - before[i]!)), 0);
      expect(farthest).toBeLessThan(moved / 50);
      before = after;
    }
    expect(first[0]?.contributors).toBe(5);
    for (const { ended: how, ledger } of ended) {
      expect(how.kind).toBe('run over');
      expect(ledger.filter(({ content }) => content.kind === 'receipt kept')).toHaveLength(2);
    }
    // The page's own papers: a ledger that anybody verifies, and a receipt a round.
    const text = await downloaded(one, 'Download the ledger');
    const receipts = await downloaded(one, 'Download the receipts');
    expect(receipts.trim().split('\n')).toHaveLength(2);
    const { readLedgerText, verifyLedger } = await import('@sumus/federation/ledger');
    const records = readLedgerText(text);
    expect((await verifyLedger(nodePrimitives(), records[0]?.owner ?? '', records)).kind).toBe('intact');
    expect(await axeFindings(one)).toEqual([]);
    expect(pages.troubles).toEqual([]);
  }, 180_000);

  function weightsOf(published: Model['published'] | undefined): Float32Array {
    if (published === undefined) return firstWeights();
    if (published.kind !== 'model') throw new Error(published.kind);
    return published.server.weights;
  }

  const firstWeights = (): Float32Array => firstWeightsOf(run.plan);
});

async function downloaded(page: Page, name: string): Promise<string> {
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name }).click();
  return readFileSync(await (await coming).path(), 'utf8');
}
