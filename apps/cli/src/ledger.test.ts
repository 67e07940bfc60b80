// sumus ledger as its user meets it: its outputs and its exit code.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { under } from '@sumus/differential-privacy/mechanisms';
import { appendTo, emptyLedger, type LedgerContent, ledgerText } from '@sumus/federation/ledger';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { runCommandLine } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'sumus ledgers '));
afterAll(() => rmSync(folder, { recursive: true }));

/** The command line in this process: a child for each case would cost half a second; sumus.test.ts has those. */
async function sumus(...words: string[]) {
  let [stdout, stderr] = ['', ''];
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      stdout += String(text);
      return true;
    }),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      stderr += String(text);
      return true;
    }),
  ];
  try {
    const status = await runCommandLine(['ledger', ...words]);
    return { status, stdout, stderr };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const primitives = nodePrimitives();
const secret = SecretKey.fromBytes('ed25519', new Uint8Array(32).fill(5));
const signer = {
  publicKey: await primitives.ed25519.derivePublicKey(secret),
  sign: (message: Uint8Array) => primitives.ed25519.sign(secret, message),
};
const plan = 'ab'.repeat(32);
const mechanism = under({ adjacency: 'add-remove', unit: 'record' }).gaussian({ noiseMultiplier: 2 });
const contents: readonly LedgerContent[] = [
  { kind: 'plan accepted', plan, signedBy: plan, policy: plan },
  { kind: 'charged', plan, round: 0, dataset: 'digits', mechanism, count: 1 },
  { kind: 'left', plan, round: 0, what: 'update', hash: plan, bytes: 9000, coordinates: 7850, protection: 'mask' },
  { kind: 'refused', plan, round: null, code: 'budget-overrun', reason: 'No more.' },
];
let ledger = emptyLedger(signer.publicKey);
for (const content of contents)
  ledger = await appendTo(primitives, signer, ledger, { content, atMs: 1_790_000_000_000 });
const { owner, head, records } = ledger;

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
const whole = file('whole.jsonl', ledgerText(records));
const changed = file('changed.jsonl', ledgerText(records).replace('"noiseMultiplier":2', '"noiseMultiplier":9'));
const missing = file('missing.jsonl', ledgerText(records.toSpliced(2, 1)));
const cut = file('cut.jsonl', ledgerText(records.slice(0, 3)));

describe('sumus ledger verify', () => {
  it('says that a ledger is intact, and its head', async () => {
    const { status, stdout } = await sumus('verify', whole, '--owner', owner, '--size', '4', '--head', head);
    expect(status).toBe(0);
    expect(stdout).toBe(`intact: 4 records, head ${head}\n`);
  });

  it('names whose it says it is where no owner was given', async () => {
    expect((await sumus('verify', whole)).stdout).toContain(`owner ${owner}, taken from the ledger itself`);
  });

  it.each([
    [changed, 'changed', 1],
    [missing, 'missing', 2],
    [cut, 'cut', 3],
  ])('names the record of %s, with exit code 1', async (path, damage, index) => {
    const words = ['verify', path, '--owner', owner, '--size', '4', '--head', head];
    const { status, stdout } = await sumus(...words);
    expect(status).toBe(1);
    expect(stdout).toMatch(new RegExp(`^${damage}: .*record ${index}`, 'm'));
    const { findings, intact } = JSON.parse((await sumus(...words, '--json')).stdout);
    expect({ intact, findings }).toMatchObject({ intact: false, findings: [{ damage, index }] });
  });

  it('is damaged for another owner', async () => {
    expect((await sumus('verify', whole, '--owner', '0'.repeat(64))).status).toBe(1);
  });

  it.each([
    [['verify', 'nowhere.jsonl'], 2],
    [['verify', whole, '--owner', 'me'], 2],
    [['verify', whole, '--size', '4'], 2],
    [['show', whole, '--delta', '7'], 2],
    [['verify', file('no.jsonl', 'hello\n')], 1],
  ])('ends %j with exit code %i and one line of why', async (words, code) => {
    const { status, stdout, stderr } = await sumus(...words);
    expect({ status, stdout }).toEqual({ status: code, stdout: '' });
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('sumus ledger show', () => {
  it('gives every record a line, and says what was spent', async () => {
    const { status, stdout } = await sumus('show', whole);
    expect(status).toBe(0);
    expect(stdout).toContain('update: 9000 bytes of 7850 coordinates under mask');
    expect(stdout).toContain('1 × gaussian');
    expect(stdout).toMatch(/digits: ε ≤ 2\.\d+ at δ = 0\.000001 for a record \(add-remove\), 1 charges/);
  });

  it('marks the damaged record, and adds up nothing', async () => {
    const { status, stdout } = await sumus('show', changed);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^! 1 /m);
    expect(stdout).not.toContain('ε ≤');
  });
});

describe('sumus ledger export', () => {
  it('gives one document with verdict, spending and records, and overwrites nothing', async () => {
    const out = join(folder, 'evidence.json');
    expect((await sumus('export', whole, '--owner', owner, '--out', out)).status).toBe(0);
    const document = JSON.parse(readFileSync(out, 'utf8'));
    expect(document).toMatchObject({
      format: 'sumus/ledger-export/1',
      owner,
      intact: true,
      size: 4,
      head,
      findings: [],
    });
    expect(document.records).toEqual(JSON.parse(JSON.stringify(records)));
    expect(document.spending).toMatchObject([
      { dataset: 'digits', unit: 'record', charges: 1, epsilon: expect.any(Number) },
    ]);
    expect((await sumus('export', whole, '--out', out)).status).toBe(2);
    expect(JSON.parse((await sumus('export', missing)).stdout)).toMatchObject({
      intact: false,
      head: null,
      spending: [],
    });
  });
});

it.each(['show', 'verify', 'export'])('sumus ledger %s --help has an example', async (command) => {
  const { status, stdout } = await sumus(command, '--help');
  expect(status).toBe(0);
  expect(stdout).toContain(`Example:\n  sumus ledger ${command}`);
});
