// The dashboard before a real coordinator: the server as the program that it is, its pages, and an owner who creates a run in the page, invites,
// and stops it. Runs what `npm test` has built.
import { type ChildProcess, spawn } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFindings, hasBrowser, Pages } from '../../browser.contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'sumus live '));
const program = join(import.meta.dirname, '..', '..', '..', '..', 'server', 'bin', 'sumus-server.mjs');

/** A key file, and the public key in hexadecimal. */
function keyFile(name: string): { readonly path: string; readonly publicKey: string } {
  const { privateKey } = generateKeyPairSync('ed25519');
  const path = join(folder, name);
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return { path, publicKey: spki.subarray(-32).toString('hex') };
}

describe.skipIf(!hasBrowser())('the dashboard before a coordinator', () => {
  const owner = keyFile('owner.pem');
  const authority = keyFile('authority.pem');
  let pages: Pages;
  let server: ChildProcess;
  beforeAll(async () => {
    Pages.build();
    const words = ['--listen', '127.0.0.1:0', '--state', join(folder, 'state'), '--owner', owner.publicKey];
    server = spawn(process.execPath, [program, ...words, '--pages', Pages.folder, '--public-dashboard'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const line = await new Promise<string>((resolve, reject) => {
      if (server.stdout !== null) createInterface({ input: server.stdout }).once('line', resolve);
      server.once('close', (code) => reject(new Error(`the server ended with ${code}`)));
    });
    const { url }: { readonly url: string } = JSON.parse(line);
    pages = await Pages.at(url);
  }, 60_000);
  afterAll(async () => {
    await pages?.close();
    server?.kill('SIGTERM');
    await new Promise((resolve) => (server.exitCode === null ? server.once('close', resolve) : resolve(null)));
    rmSync(folder, { recursive: true, force: true });
  });

  it('lets an owner create a run with what it costs beside it, invite, and stop it; everybody sees that', async () => {
    const page = await pages.tab('');
    await page.getByText('Create a run').click();
    await page.getByLabel('The authority’s key (authority.pem)').setInputFiles(authority.path);
    await page.locator('details').getByLabel('Your key (owner.pem').setInputFiles(owner.path);
    await page.getByLabel('Rounds').fill('3');
    await page.locator('details').getByText(/ε ≤/).first().waitFor({ timeout: 40_000 });
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Sign and create' }).click();
    await page.getByRole('button', { name: 'Yes: Sign and create' }).click();
    await page.getByText('Participants are joining').first().waitFor({ timeout: 20_000 });
    await page.waitForSelector('#control');

    await page.locator('#control').getByLabel('Name of the participant').fill('clinic-1');
    await page.getByRole('button', { name: 'Make a link' }).click();
    const link = await page.locator('#control .code').first().textContent();
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/join#[A-Za-z0-9_-]{200,}$/);
    await page.waitForSelector('svg.qr');
    expect(await axeFindings(page)).toEqual([]);

    // Somebody without a key watches, over its own connection.
    const run = await page.locator('.facts.narrow dd').first().textContent();
    const other = await pages.tab(`?run=${run}`);
    await other.getByText('Participants are joining').first().waitFor();
    await other.locator('#control').getByText('Choose the owner’s key').waitFor();

    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByLabel('Reason, for everybody to read').fill('Only a rehearsal.');
    await page.getByRole('button', { name: 'Yes: Stop' }).click();
    for (const one of [page, other]) await one.getByText('Stopped by its owner').first().waitFor({ timeout: 20_000 });
    expect(pages.troubles).toEqual([]);
    await page.context().close();
    await other.context().close();
  }, 120_000);
});
