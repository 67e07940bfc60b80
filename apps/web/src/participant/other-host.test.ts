// The pages from another host than the server, as `sumus page` serves them: they take part, with the server that was named and nobody else, and
// only where that server's operator allows it.
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, Pages, POLICY } from '../browser.contract.ts';
import { RunForTests } from './run-for-tests.contract.ts';

const program: string = join(import.meta.dirname, '../../../cli/bin/sumus.mjs');

/** A free port of this moment: the server is told the page's origin before the page is there. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const children: ChildProcess[] = [];

async function sumusPage(port: number, server: string): Promise<string> {
  const words = ['page', '--listen', `127.0.0.1:${port}`, '--server', server, '--json'];
  const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  process.once('exit', () => child.kill('SIGKILL'));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`sumus page ended with ${code}`)));
  });
  const { url, hash }: { readonly url: string; readonly hash: string } = JSON.parse(line);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  return url;
}

describe.skipIf(!hasBrowser())('pages from another host than the server', () => {
  let run: RunForTests;
  let allowed: Pages;
  let stranger: Pages;

  beforeAll(async () => {
    Pages.build();
    const port = await freePort();
    run = await RunForTests.begin(['--allow-origin', `http://127.0.0.1:${port}`]);
    allowed = await Pages.at(await sumusPage(port, run.origin), [run.origin]);
    stranger = await Pages.at(await sumusPage(0, run.origin), [run.origin]);
  }, 120_000);

  afterAll(async () => {
    await allowed?.close();
    await stranger?.close();
    await run?.end();
    for (const child of children) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await gone;
      }
    }
  });

  it('take part by the link as it was sent, and by its end at their own address', async () => {
    const page = await allowed.tab('join');
    await page.getByRole('textbox', { name: 'Invitation' }).fill(run.link('tab-one'));
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.locator('#data').waitFor();
    expect(await page.getByText(/came from another host than the server/).count()).toBe(1);
    await page.getByRole('button', { name: 'Use the built-in digits' }).click();
    await page.getByText(/^digits: [\d,]+ examples/).waitFor();
    await page.getByRole('checkbox', { name: /I have read/ }).check();
    await page.getByRole('button', { name: 'Take part' }).click();
    // Enrolled, certified and let in: requests that are asked before, bodies, streams.
    await run.until(({ members }) => members.some(({ standing }) => standing === 'accepted'));
    const other = await allowed.tab(`join${new URL(run.link('tab-two')).hash}`);
    await other.locator('#data').waitFor();
    expect(new URL(other.url()).hash).toBe('');
    expect(allowed.troubles).toEqual([]);
    // Nobody else is asked: the browser refuses.
    const refused = await other.evaluate(async (elsewhere) => {
      const violation = new Promise<string>((resolve) => {
        addEventListener('securitypolicyviolation', ({ violatedDirective }) => resolve(violatedDirective));
      });
      return [await fetch(elsewhere).then(String, () => 'refused'), await violation];
    }, stranger.origin);
    expect(refused).toEqual(['refused', 'connect-src']);
  }, 90_000);

  it('are refused where the operator did not name them', async () => {
    const page = await stranger.tab('join');
    await page.getByRole('textbox', { name: 'Invitation' }).fill(run.link('anna'));
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByText(/The server cannot be reached/).waitFor();
    expect(await page.locator('#data').count()).toBe(0);
    // It is the operator's word that counts: the policies of both pages let them ask.
    const asks = (origin: string): Promise<number | string> =>
      fetch(`${origin}/v1/server`).then(
        ({ status }) => status,
        () => 'refused',
      );
    expect(await page.evaluate(asks, run.origin)).toBe('refused');
    expect(await (await allowed.tab('join')).evaluate(asks, run.origin)).toBe(200);
  }, 30_000);

  it("have the policy of a server's own pages, with that server in it", async () => {
    const policyAt = async (origin: string): Promise<string> =>
      (await fetch(`${origin}/join`)).headers.get('content-security-policy') ?? '';
    expect(await policyAt(run.origin)).toBe(POLICY);
    expect(await policyAt(allowed.origin)).toBe(
      POLICY.replace("connect-src 'self'", `connect-src 'self' ${run.origin}`),
    );
    // A name that somebody made point here is not answered.
    const { port } = new URL(allowed.origin);
    expect((await fetch(`http://localhost:${port}/join`).catch(() => undefined))?.status ?? 421).toBe(421);
  });
});
