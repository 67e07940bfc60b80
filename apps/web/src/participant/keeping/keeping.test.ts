// What a participant keeps in a browser, looked at from inside it: sealed, under keys that cannot be read out; and one tab at a time.

import { nodePrimitives } from '@sumus/platform/node';
import { InvitationSecret, writeInvitationLink } from '@sumus/wire/link';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFindings, hasBrowser, Pages } from '../../browser.contract.ts';

describe.skipIf(!hasBrowser())('a participant’s browser', () => {
  let pages: Pages;

  beforeAll(async () => {
    pages = await Pages.open();
  }, 120_000);

  afterAll(async () => {
    await pages?.close();
  });

  /** To nobody: this host serves pages and no runs. */
  const link = (member: string): string =>
    writeInvitationLink(nodePrimitives(), {
      server: pages.origin,
      runId: 'run',
      projectId: 'project',
      member,
      invitation: '11'.repeat(16),
      secret: new InvitationSecret(new Uint8Array(16).fill(5)),
      coordinator: '22'.repeat(32),
      authority: '33'.repeat(32),
      plan: '44'.repeat(32),
      owner: '55'.repeat(32),
      fingerprint: undefined,
    });

  const shelf = (page: Page, name: string): Promise<readonly unknown[]> =>
    page.evaluate(async (store) => {
      const asking = indexedDB.open('sumus-participant');
      await new Promise((resolve) => {
        asking.onsuccess = resolve;
      });
      const all = asking.result.transaction(store).objectStore(store).getAll();
      await new Promise((resolve) => {
        all.onsuccess = resolve;
      });
      const seen = (value: unknown): unknown => {
        if (value instanceof CryptoKey) return { type: value.type, isExtractable: value.extractable };
        if (value instanceof Uint8Array) return [...value];
        const { privateKey } = value as CryptoKeyPair;
        return { type: privateKey.type, isExtractable: privateKey.extractable };
      };
      return all.result.map(seen);
    }, name);

  it('keeps an invitation sealed, under keys that no script can read out, and lets one tab be', async () => {
    const path = link('anna').slice(pages.origin.length + 1);
    const page = await pages.tab(path.replace('join#', 'join.html#'));
    await page
      .getByText(/404|cannot be reached/)
      .first()
      .waitFor();
    const keys = await shelf(page, 'keys');
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(key).toMatchObject({ isExtractable: false });
    const entries = await shelf(page, 'entries');
    expect(entries).toHaveLength(1);
    // The link has the secret in it; nothing of it is there to read.
    const bytes = entries[0];
    expect(Array.isArray(bytes) && new TextDecoder().decode(Uint8Array.from(bytes))).not.toMatch(/http|join/);
    expect(new URL(page.url()).hash).toBe('');
    const other = await page.context().newPage();
    await other.goto(`${pages.origin}/join.html`);
    await other.getByText(/another tab of this browser/).waitFor();
    await page.context().close();
  }, 60_000);

  it('takes a link out of the address of a page that is open already, and takes the place of a heading for none', async () => {
    const page = await pages.tab('join.html');
    await page.getByRole('textbox', { name: 'Invitation' }).waitFor();
    // As the link past the top of the page leaves it, and the page is loaded again.
    await page.goto(`${pages.origin}/join.html#main`);
    await page.reload();
    await page.getByRole('textbox', { name: 'Invitation' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.goto(link('berta').replace('/join#', '/join.html#'));
    await page
      .getByText(/404|cannot be reached/)
      .first()
      .waitFor();
    expect(new URL(page.url()).hash).toBe('');
    await page.context().close();
  }, 60_000);

  it('asks for an invitation where there is none, and says what is wrong with one', async () => {
    const page = await pages.tab('join.html', { viewport: { width: 320, height: 640 } });
    await page.getByRole('textbox', { name: 'Invitation' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    await page.getByRole('textbox', { name: 'Invitation' }).fill(`${link('anna').slice(0, -3)}AAA`);
    await page.keyboard.press('Enter');
    await page.getByText('the invitation is damaged: copy the whole link').waitFor();
    await page
      .getByRole('textbox', { name: 'Invitation' })
      .fill(link('anna').replace(pages.origin, 'https://elsewhere.example'));
    await page.keyboard.press('Enter');
    await page.getByText(/open it there/).waitFor();
    await page.context().close();
  }, 60_000);
});
