// npm run fuzz -- [--minutes 10] [--seed N] [part of a path …]: every decoder against hostile bytes, for as long as it is told. Passes of
// growing length, each from a seed of its own, which is printed: with --seed the same bytes come again. Suites are the test files
// that look at SUMUS_FUZZ_MS (how long each of their properties goes on) or are made of hostile-bytes.contract.ts, which does.
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, say, toolScript } from './run.mjs';
import { setUp } from './setup.mjs';

const args = process.argv.slice(2);

function option(name, otherwise) {
  const at = args.indexOf(name);
  if (at < 0) return otherwise;
  const [, text] = args.splice(at, 2);
  const value = Number(text);
  if (text === undefined || !(value > 0)) {
    say(`${name} needs a number above 0, not ${text}`);
    process.exit(2);
  }
  return value;
}

const minutes = option('--minutes', 10);
const chosenSeed = option('--seed', undefined);

function testFiles(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return /^(node_modules|dist|\..*)$/.test(entry.name) ? [] : testFiles(path);
    return entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

const suites = ['packages', 'apps']
  .flatMap(testFiles)
  .filter((path) => /SUMUS_FUZZ_MS|hostile-bytes\.contract\.ts/.test(readFileSync(join(root, path), 'utf8')))
  .filter((path) => args.length === 0 || args.some((part) => path.includes(part)));
if (suites.length === 0) {
  say(`no suite of hostile bytes in ${args.join(', ')}`);
  process.exit(2);
}

await setUp();
for (const suite of suites) say(suite);
const end = performance.now() + minutes * 60_000;
// A first pass tells what a second of every property costs; the next ones take what is left, the longest at most half an hour.
let perPropertyMs = 250;
for (let pass = 1; pass === 1 || performance.now() + 5000 < end; pass++) {
  const seed = chosenSeed ?? randomInt(1, 2 ** 31);
  const begin = performance.now();
  say(`pass ${pass}: ${Math.round(perPropertyMs)} ms a property, --seed ${seed}`);
  const env = { ...process.env, SUMUS_FUZZ_MS: String(Math.round(perPropertyMs)), SUMUS_FUZZ_SEED: String(seed) };
  const code = await run(
    process.execPath,
    [toolScript('vitest', 'vitest'), 'run', '--reporter=dot', '--testTimeout=7200000', ...suites],
    {
      env,
    },
  );
  if (code !== 0) {
    say(`failed in pass ${pass}; the same again: npm run fuzz -- --seed ${seed} --minutes ${minutes}`);
    process.exit(code);
  }
  const wallMs = performance.now() - begin;
  const leftMs = end - performance.now();
  perPropertyMs = Math.max(250, Math.min(perPropertyMs * (leftMs / wallMs), perPropertyMs * 8, 60_000));
}
say(`${minutes} minutes of hostile bytes, and every decoder kept its word`);
