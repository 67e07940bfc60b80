// The lab in a real browser: it attacks in a worker, shows what attacks really recover, and nothing of a sealed update; nobody else is asked.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFindings, hasBrowser, Pages } from '../browser.contract.ts';
import { settingNames } from './settings.ts';

describe.skipIf(!hasBrowser())('the inversion lab', () => {
  let pages: Pages;

  beforeAll(async () => {
    pages = await Pages.open();
  }, 120_000);

  afterAll(async () => {
    await pages?.close();
    expect(pages?.troubles).toEqual([]);
  });

  const shares = async (page: Awaited<ReturnType<Pages['tab']>>, attack: number): Promise<readonly number[]> => {
    const cells = page.locator('#overview ~ .scroll tbody tr').nth(attack).locator('td');
    await cells.last().filter({ hasText: '%' }).waitFor({ timeout: 60_000 });
    return (await cells.allTextContents()).map((text) => Number(text.replace(' %', '')) / 100);
  };

  it('recovers single pictures and few of many, all of an imprinting server’s, and nothing of what is sealed or has noise', async () => {
    const page = await pages.tab('lab.html');
    await page.locator('#quotients ~ .row button').first().click();
    const passive = await shares(page, 0);
    expect(passive[0]).toBe(1);
    expect(passive[1]).toBeGreaterThan(0.5);
    expect(passive[2]).toBeLessThan(0.1);
    expect(passive.slice(3)).toEqual([0, passive[4], 0]);
    expect(passive[4]).toBeLessThan(0.15);
    await page.locator('#imprint ~ .row button').first().click();
    const active = await shares(page, 3);
    expect(active[2]).toBeGreaterThan(0.8);
    expect([active[3], active[5]]).toEqual([0, 0]);
    expect(await axeFindings(page)).toEqual([]);
    await page.context().close();
  }, 90_000);

  it.runIf(process.env['SUMUS_FULL'])(
    'finds by search what one update shows, and nothing of it sealed or with noise',
    async () => {
      const page = await pages.tab('lab.html');
      // A search does not reach a thousandth everywhere, but shows what the picture is; and nothing of it sealed.
      await page.locator('#deepLeakage ~ .row button').first().click();
      await shares(page, 1);
      const likeness = async (setting: (typeof settingNames)[number]): Promise<number> => {
        const place = page.locator('#deepLeakage ~ ul > li').nth(settingNames.indexOf(setting));
        return Number(/SSIM (-?[0-9.]+)$/.exec((await place.locator('p').last().textContent()) ?? '')?.[1]);
      };
      expect(await likeness('one')).toBeGreaterThan(0.9);
      expect(await likeness('sealed')).toBeLessThan(0.2);
      expect(await likeness('noise')).toBeLessThan(0.2);
      await page.context().close();
    },
    120_000,
  );

  it('fits a phone, in the dark, and attacks the user’s own picture first', async () => {
    const page = await pages.tab('lab.html', { viewport: { width: 320, height: 640 }, colorScheme: 'dark' });
    await page.waitForSelector('.lab-strip canvas');
    // Any picture that a browser reads: here the digits themselves, of which the middle is cut out.
    const picture = readFileSync(join(Pages.folder, 'digits.png'));
    await page.locator('input[type=file]').setInputFiles({ name: 'own.png', mimeType: 'image/png', buffer: picture });
    await page.getByRole('button', { name: 'Digits again' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    await page.locator('#quotients ~ .row button').first().click();
    expect((await shares(page, 0))[0]).toBe(1);
    await page.context().close();
  }, 60_000);
});
