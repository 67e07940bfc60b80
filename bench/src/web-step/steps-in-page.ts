// A training step in a real page, ours beside tfjs: bundled into a folder of its own, served over loopback to an isolated page, as a participant's is;
// tfjs on its fastest backend that works there, WebAssembly with SIMD.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Browser } from 'playwright';
import { build } from 'vite';
import type { StepTimes } from './step-times.ts';

const LOSSES_DIFFER_AT_MOST = 1e-3;

export async function stepsInPage(browser: Browser, rounds: number): Promise<StepTimes> {
  const folder = mkdtempSync(join(tmpdir(), 'sumus-step-'));
  try {
    await build({
      configFile: false,
      logLevel: 'error',
      build: {
        outDir: folder,
        emptyOutDir: true,
        target: 'es2023',
        lib: { entry: join(import.meta.dirname, 'page.js'), formats: ['es'], fileName: 'page' },
      },
    });
    return await inBrowser(browser, folder, rounds);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function inBrowser(browser: Browser, folder: string, rounds: number): Promise<StepTimes> {
  const load = createRequire(import.meta.url);
  const tfjs = dirname(load.resolve('@tensorflow/tfjs-backend-wasm'));
  const server = createServer(({ url = '/' }, response) => {
    const name = basename(new URL(url, 'http://localhost').pathname);
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    response.setHeader('content-type', typeOf(name));
    if (name.endsWith('.js')) return response.end(readFileSync(join(folder, name)));
    if (name.endsWith('.wasm')) return response.end(readFileSync(join(tfjs, name)));
    return response.end('<!doctype html><title>step</title><script type="module" src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction('typeof stepTimes === "function"');
    const times: StepTimes = await page.evaluate(`stepTimes(${rounds})`);
    if (!(times.lossDifference < LOSSES_DIFFER_AT_MOST)) {
      throw new Error(`the losses differ by ${times.lossDifference}: one of the engines did something else`);
    }
    return times;
  } finally {
    await context.close();
    await new Promise((resolve) => server.close(resolve));
  }
}

const typeOf = (name: string): string =>
  name.endsWith('.js') ? 'text/javascript' : name.endsWith('.wasm') ? 'application/wasm' : 'text/html; charset=utf-8';
