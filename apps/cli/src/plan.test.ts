// sumus plan as its user meets it: its outputs and its exit code.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendTo, emptyLedger, ledgerText } from '@sumus/federation/ledger';
import { checkPlan, planId, priceOfRound, signPlan } from '@sumus/federation/plan';
import { CAUTIOUS_POLICY } from '@sumus/federation/policy';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { runCommandLine } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'sumus plans '));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

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
    const status = await runCommandLine(['plan', ...words]);
    return { status, stdout, stderr };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** A plan of three, a file of it, and its identity. */
async function written(
  name: string,
  ...words: string[]
): Promise<{ path: string; id: string; plan: Record<string, unknown> }> {
  const path = at(name);
  const { status, stdout, stderr } = await sumus(
    'new',
    '--yes',
    '--model',
    'logistic',
    ...words,
    '--out',
    path,
    '--json',
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return { path, id: JSON.parse(stdout).id, plan: JSON.parse(readFileSync(path, 'utf8')) };
}

describe('sumus plan new', () => {
  it('asks nothing where there is no terminal, and writes a plan that check accepts', async () => {
    const { status, stdout } = await sumus('new');
    expect(status).toBe(0);
    expect(checkPlan(JSON.parse(stdout)).kind).toBe('valid');
  });

  it('writes the least noise that keeps the ε, and the same identity that check says', async () => {
    const { path, id } = await written('private.json', '--epsilon', '2', '--rounds', '10');
    const { status, stdout } = await sumus('check', path, '--json');
    expect(status).toBe(0);
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({ valid: true, id, signedBy: null });
    expect(answer.privacy.epsilon).toBeLessThanOrEqual(2);
    expect(answer.privacy.epsilon).toBeGreaterThan(1.97);
    expect(answer.privacy.rounds).toBe(10);
  });

  it('overwrites nothing', async () => {
    const { path } = await written('twice.json');
    const { status, stderr } = await sumus('new', '--yes', '--out', path);
    expect(status).toBe(2);
    expect(stderr).toContain('is there already');
  });

  it.each([
    [['--minimum', '2'], 'from 3'],
    [['--name', 'Digits 2026'], 'small letters'],
    [['--protection', 'hope'], 'one-shot'],
    [['--reason', 'because'], 'write a sentence'],
    [['--authority', 'xyz'], 'hexadecimal'],
    [['--json'], '--out'],
    [['--seeds', '3'], '--seeds'],
  ])('refuses %j with exit code 2, saying what would do', async (words, named) => {
    const { status, stdout, stderr } = await sumus('new', '--yes', ...words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(named);
  });

  it('writes a plan of one round on scattering features, and says what it misses', async () => {
    const words = ['--schedule', 'one-round', '--features', 'scattering', '--model', 'logistic', '--epsilon', '8'];
    const { plan } = await written('once.json', ...words, '--records', '1600', '--feature-count', '64');
    expect(plan).toMatchObject({
      exchange: { schedule: 'one-round', features: 'scattering', featureCount: 64, classes: 10 },
      preparation: { kind: 'as-given' },
      stopping: { rounds: 1 },
    });
    expect(await sumus('new', '--yes', ...words)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--records NUMBER'),
    });
  });

  it('writes a plan of a linear network on scattering features', async () => {
    const words = ['--features', 'scattering', '--model', 'logistic', '--feature-count', '64'];
    const { plan } = await written('scattered.json', ...words);
    expect(plan).toMatchObject({
      preparation: { kind: 'scattering', featureCount: 64, radius: 8 },
      model: { architecture: { input: [64] }, parameterCount: 650 },
    });
    expect(await sumus('new', '--yes', '--features', 'scattering', '--model', 'lenet')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--model logistic'),
    });
  });

  it('refuses answers that do not go together with exit code 1, by the rule', async () => {
    const { status, stdout, stderr } = await sumus('new', '--yes', '--schedule', 'round-robin');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('[mask-needs-synchronous]');
    expect(stderr).toContain('write "one-shot"');
  });
});

describe('sumus plan check', () => {
  it('says who learns what, the ε at the end and the bytes, in plain words', async () => {
    const { path, id } = await written('plain.json', '--minimum', '9');
    const { status, stdout } = await sumus('check', path);
    expect(status).toBe(0);
    for (const said of [
      `plan ${id}`,
      'not signed',
      'masked words',
      '8 of 9 contributors',
      'nothing is promised',
      'up 2',
    ]) {
      expect(stdout).toContain(said);
    }
  });

  it('says all that is wrong, where, and what to do next, with exit code 1', async () => {
    const { path, plan } = await written('wrong.json');
    writeFileSync(path, JSON.stringify({ ...plan, openedTo: 'nobody', roundz: 1 }));
    const { status, stdout, stderr } = await sumus('check', path);
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(stdout).toContain('openedTo is "nobody": write "everyone" or "participants"');
    expect(stdout).toContain('roundz is not known');
    const { stdout: json } = await sumus('check', path, '--json');
    expect(JSON.parse(json)).toMatchObject({ valid: false, problems: [expect.any(String), expect.any(String)] });
  });

  it('holds the parameter count against the architecture', async () => {
    const { path, plan } = await written('count.json');
    writeFileSync(path, JSON.stringify({ ...plan, model: { ...(plan['model'] as object), parameterCount: 7 } }));
    expect(await sumus('check', path)).toMatchObject({ status: 1, stdout: expect.stringContaining('write 7850') });
  });

  it('checks a signature, and fails where it is missing or of another key', async () => {
    const { path, plan } = await written('signed.json');
    const primitives = nodePrimitives();
    const secret = SecretKey.fromBytes('ed25519', new Uint8Array(32).fill(3));
    const signer = {
      publicKey: await primitives.ed25519.derivePublicKey(secret),
      sign: (message: Uint8Array) => primitives.ed25519.sign(secret, message),
    };
    const check = checkPlan(plan);
    if (check.kind === 'invalid') throw new Error('invalid');
    const key = Buffer.from(signer.publicKey).toString('hex');
    expect(await sumus('check', path, '--key', key)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('NOT SIGNED'),
    });
    const signed = await signPlan(primitives, signer, check.plan);
    writeFileSync(path, JSON.stringify(signed));
    expect(await sumus('check', path, '--key', key)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`signed by ${key}`),
    });
    expect((await sumus('check', path, '--key', '0'.repeat(64))).status).toBe(1);
    const trusting = {
      ...CAUTIOUS_POLICY,
      plansSignedBy: [key],
      admission: 'any',
      countedIn: 'rows',
      budgets: [{ dataset: 'digits', unit: 'record', epsilonAtMost: null, delta: 1e-6 }],
      metrics: [{ name: 'loss', resolution: 0.001, minimumUnits: 100 }],
    };
    writeFileSync(at('trusting.json'), JSON.stringify(trusting));
    const asked = ['check', path, '--policy', at('trusting.json'), '--dataset', 'digits'];
    expect(await sumus(...asked, '--key', key)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('The policy accepts it.'),
    });
    expect((await sumus(...asked)).stdout).toContain('[not-signed-by-anybody-trusted]');
    expect((await sumus('check', path, '--key', 'x')).status).toBe(2);
    expect(signed.id).toBe(planId(primitives, check.plan));
  });

  it('asks a policy, and prints its refusals', async () => {
    const { path } = await written('judged.json');
    writeFileSync(at('policy.json'), JSON.stringify(CAUTIOUS_POLICY));
    const { status, stdout } = await sumus(
      'check',
      path,
      '--policy',
      at('policy.json'),
      '--dataset',
      'digits',
      '--json',
    );
    expect(status).toBe(1);
    const codes = JSON.parse(stdout).judgement.refusals.map(({ code }: { code: string }) => code);
    expect(codes).toContain('not-signed-by-anybody-trusted');
    expect(codes).toContain('data-set-not-allowed');
    expect((await sumus('check', path, '--policy', at('policy.json'))).status).toBe(2);
    expect((await sumus('check', path, '--policy', path, '--dataset', 'd')).stderr).toContain('is no policy');
  });

  it('asks a policy with what the ledger says was spent, and not by a damaged one', async () => {
    const { path, plan } = await written('spent.json', '--epsilon', '2', '--rounds', '10');
    const primitives = nodePrimitives();
    const secret = SecretKey.fromBytes('ed25519', new Uint8Array(32).fill(4));
    const signer = {
      publicKey: await primitives.ed25519.derivePublicKey(secret),
      sign: (message: Uint8Array) => primitives.ed25519.sign(secret, message),
    };
    const check = checkPlan(plan);
    if (check.kind === 'invalid') throw new Error('invalid');
    const mechanism = priceOfRound(check.plan);
    if (mechanism === undefined) throw new Error('no price');
    const content = {
      kind: 'charged',
      plan: 'ab'.repeat(32),
      round: 0,
      dataset: 'digits',
      mechanism,
      count: 10,
    } as const;
    const ledger = await appendTo(primitives, signer, emptyLedger(signer.publicKey), { content, atMs: 1 });
    writeFileSync(at('ledger.jsonl'), ledgerText(ledger.records));
    writeFileSync(at('damaged.jsonl'), ledgerText(ledger.records).replace('"count":10', '"count":1'));
    const budgets = [{ dataset: 'digits', unit: 'record', epsilonAtMost: 2, delta: 1e-6 }];
    const policy = { ...CAUTIOUS_POLICY, budgets, countedIn: 'rows', admission: 'any' };
    writeFileSync(at('budget.json'), JSON.stringify(policy));
    const asked = ['check', path, '--policy', at('budget.json'), '--dataset', 'digits', '--json'];
    const codesOf = async (...more: string[]): Promise<string[]> =>
      JSON.parse((await sumus(...asked, ...more)).stdout).judgement.refusals.map(({ code }: { code: string }) => code);
    expect(await codesOf()).toEqual(['not-signed-by-anybody-trusted']);
    expect(await codesOf('--ledger', at('ledger.jsonl'))).toEqual(['not-signed-by-anybody-trusted', 'budget-overrun']);
    const damaged = await sumus(...asked, '--ledger', at('damaged.jsonl'));
    expect(damaged).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('is damaged') });
    expect((await sumus('check', path, '--ledger', at('ledger.jsonl'))).status).toBe(2);
  });

  it('says which file cannot be read, with exit code 2', async () => {
    const { status, stderr } = await sumus('check', at('nowhere.json'));
    expect(status).toBe(2);
    expect(stderr).toContain('nowhere.json');
  });
});

it.each(['new', 'check'])('sumus plan %s --help has an example', async (command) => {
  const { status, stdout } = await sumus(command, '--help');
  expect(status).toBe(0);
  expect(stdout).toContain(`Example:\n  sumus plan ${command}`);
});
