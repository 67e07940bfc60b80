// node scripts/screenshots.mjs FOLDER runs this: pictures of every page, in light, dark and on a phone, made with Chromium from a real run of seven
// participants who learn digits in this process. For looking at before a release, and for the README.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';
import { architectureData } from '@sumus/federation/model';
import { checkPlan, planTemplate, problemLines } from '@sumus/federation/plan';
import { eventLine } from '@sumus/federation/run';
import { parameterCount, zoo } from '@sumus/learning/model';
import { nodePrimitives } from '@sumus/platform/node';
import { dealtOut, labelledExamples } from '@sumus/simulation/examples';
import { simulate } from '@sumus/simulation/federation';
import { chromium } from 'playwright';

const [folder, digitsFolder, pagesFolder, executablePath] = process.argv.slice(2);
const say = (line) => process.stderr.write(`screenshots · ${line}\n`);

say('seven participants learn digits…');
const withNoise = await digitsRun(8);
const withoutNoise = await digitsRun(null);
const server = createServer(serve).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const origin = `http://127.0.0.1:${server.address().port}`;
const chrome = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  for (const [name, size, colours] of [
    ['light', { width: 1360, height: 900 }, 'light'],
    ['dark', { width: 1360, height: 900 }, 'dark'],
    ['phone', { width: 390, height: 844 }, 'light'],
    ['small', { width: 320, height: 640 }, 'dark'],
  ]) {
    const context = await chrome.newContext({ viewport: size, colorScheme: colours, reducedMotion: 'reduce' });
    for (const page of ['index', 'join', 'lab']) await picture(context, page, `${page}-${name}`);
    await dashboard(context, withNoise, `dashboard-${name}`);
    if (name === 'light') await dashboard(context, withoutNoise, 'dashboard-without-noise');
    await context.close();
  }
} finally {
  await chrome.close();
  server.close();
}

async function picture(context, page, name) {
  const tab = await context.newPage();
  await tab.goto(`${origin}/${page}.html`);
  await tab.waitForSelector('h1');
  await tab.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  await tab.close();
}

async function dashboard(context, { lines, blobs, moment }, name) {
  const tab = await context.newPage();
  tab.on('pageerror', (error) => say(`${name}: ${error}`));
  await tab.goto(`${origin}/index.html`);
  const files = [{ name: 'run.ndjson', mimeType: 'text/plain', buffer: Buffer.from(lines) }];
  for (const [hash, bytes] of blobs)
    files.push({ name: hash, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) });
  await tab.setInputFiles('input[type=file]', files);
  await tab.waitForSelector('#trust');
  // In the middle of a round, so that something is under way.
  const slider = tab.locator('.replay input[type=range]');
  await slider.evaluate((input, at) => {
    input.value = String(at);
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }, moment);
  await tab.waitForTimeout(6000);
  await tab.getByRole('button', { name: 'Verify it here' }).click();
  await tab.waitForTimeout(1500);
  await tab.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  // Part by part, as somebody sees them.
  await tab.evaluate(() => document.querySelector('.replay')?.toggleAttribute('hidden'));
  for (const part of ['.round-part', '#sealed', '#model', '#privacy', '#traffic', '#trust']) {
    const file = join(folder, `${name}-${part.replace(/\W/g, '')}.png`);
    await tab.locator(part).first().screenshot({ path: file });
  }
  await tab.close();
}

function serve(request, response) {
  const path = new URL(request.url, 'http://localhost').pathname;
  const file = normalize(join(pagesFolder, path));
  const types = {
    html: 'text/html',
    js: 'text/javascript',
    css: 'text/css',
    svg: 'image/svg+xml',
    json: 'application/json',
  };
  try {
    const bytes = file.startsWith(pagesFolder) ? readFileSync(file) : Buffer.alloc(0);
    response.setHeader('content-type', types[file.split('.').at(-1)] ?? 'application/octet-stream');
    response.end(bytes);
  } catch {
    response.writeHead(404).end();
  }
}

async function digitsRun(epsilon) {
  const platform = nodePrimitives();
  const model = zoo('logistic');
  const base = planTemplate({
    name: 'digits',
    purpose: 'Seven clinics learn to read handwritten digits.',
    architecture: architectureData(model),
    parameterCount: parameterCount(model),
    loss: 'crossEntropy',
    firstWeightsSeed: 1,
    schedule: 'synchronous',
    protection: 'mask',
    reason: 'a picture of a run without noise',
    minimumContributors: 5,
    maximumContributors: 7,
    rounds: 12,
    epsilon,
    delta: 1e-5,
    unit: 'record',
    uploadFraction: 1,
    batchSize: 64,
    learningRate: epsilon === null ? 0.05 : 6,
    minimumUnits: 100,
    authority: '00'.repeat(32),
    endsAtMs: 1_900_000_000_000,
  });
  const metrics = ['accuracy', 'loss'].map((name) => ({ name, resolution: 0.001, minimumUnits: 100 }));
  const check = checkPlan(epsilon === null ? { ...base, metrics } : base);
  if (check.kind === 'invalid') throw new Error(problemLines(check.problems).join('\n'));
  const read = (name) => readFileSync(join(digitsFolder, name));
  const pixels = read('train-images-idx3-ubyte').subarray(16);
  const labels = Uint32Array.from(read('train-labels-idx1-ubyte').subarray(8));
  const all = labelledExamples({
    name: 'digits',
    inputSize: 784,
    inputs: Float32Array.from(pixels, (pixel) => pixel / 255),
    labels,
    classNames: Array.from({ length: 10 }, (_, digit) => String(digit)),
  });
  const random = (length) => platform.randomBytes(length);
  const parts = dealtOut(all, { participants: 7, partition: { kind: 'iid' }, atLeast: 100 }, random);
  const kept = new Map();
  const simulated = await simulate({
    platform,
    plan: check.plan,
    parts,
    seed: 4,
    dropChance: 0.12,
    now: () => performance.now(),
  });
  const { events, blobs: all_ } = simulated.server.disk;
  const last = events.filter(({ kind }) => kind === 'released');
  for (const name of last.flatMap(({ model: one }) => (one === null ? [] : [one.sha256])))
    kept.set(name, all_.get(name));
  for (const event of events) {
    if (event.kind === 'frame taken' && event.contributes !== null && !kept.has(event.frame.sha256) && kept.size < 80) {
      const bytes = all_.get(event.frame.sha256);
      if (bytes !== undefined) kept.set(event.frame.sha256, bytes);
    }
  }
  // A sum that is being opened, of a round that somebody was lost to: in the second half, where there is one.
  const moments = events.flatMap((event, at) => (isOpening(events, event, at) ? [at + 1] : []));
  const moment = moments.find((at) => at > events.length / 2) ?? moments[0] ?? events.length;
  return {
    moment,
    lines: events.map((event) => `${eventLine(event)}\n`).join(''),
    blobs: [...kept].filter(([, bytes]) => bytes),
  };
}

function isOpening(events, event, at) {
  if (event.kind !== 'frame taken' || event.phase !== 'opening' || events[at - 1]?.phase !== 'opening') return false;
  const opened = events.slice(0, at).findLast(({ kind }) => kind === 'round opened');
  const released = events.slice(at).find(({ kind }) => kind === 'released' || kind === 'round failed');
  return released?.kind === 'released' && released.contributors.length < opened.members.length;
}
