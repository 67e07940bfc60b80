// npm start: sets everything up, then runs the best there is without a network: a whole federation on real digits in one process, with the
// real cryptography and differential privacy. Seven participants, one sum a round, nobody sees a summand. Further arguments go to the
// simulation: npm start -- --drop 0.1 --seed 2
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digitsFolder } from './digits.mjs';
import { mustRunNode, root, run, say } from './run.mjs';
import { setUp } from './setup.mjs';

await setUp();
const sumus = join(root, 'apps', 'cli', 'bin', 'sumus.mjs');
const folder = mkdtempSync(join(tmpdir(), 'sumus '));
try {
  const plan = join(folder, 'plan.json');
  const made = 'plan new --yes --name digits --model logistic --minimum 5 --maximum 7 --minimum-units 100 --rounds 15';
  const promised = '--epsilon 8 --delta 1e-5 --batch-size 64 --learning-rate 6';
  const planArguments = `${made} ${promised}`.split(' ');
  await mustRunNode(sumus, [...planArguments, '--purpose', 'To show what happens.', '--out', plan], {
    stdio: 'ignore',
  });
  say('seven participants learn digits together; each shows the others, and the server, nothing but its part of a sum');
  const shown = ['simulate', plan, '--data', digitsFolder(), '--participants', '7'];
  process.exitCode = await run(process.execPath, [sumus, ...shown, ...process.argv.slice(2)]);
  say('next: npx sumus plan new --out plan.json, then npx sumus simulate plan.json --data FOLDER --participants 10');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
