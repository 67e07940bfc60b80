// sumus model and sumus plan sign as their user meets them: files, two outputs and an exit code. In this process, for there are many.
import { createPublicKey } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planTemplate, readPlanFile, verifyPlan } from '@sumus/federation/plan';
import { readNetwork, writeNetwork } from '@sumus/learning/files';
import { architecture, initialWeights } from '@sumus/learning/model';
import { nodePrimitives } from '@sumus/platform/node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openExamples } from './commands/examples-source.ts';
import { runCommandLine } from './program.ts';

let folder = '';
const at = (name: string): string => join(folder, name);

async function sumus(...words: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    }),
  );
  try {
    return { status: await runCommandLine(words), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** IDX of bytes. */
const idx = (shape: readonly number[], bytes: readonly number[]): Buffer =>
  Buffer.concat([
    Buffer.from([0, 0, 8, shape.length]),
    ...shape.map((extent) => Buffer.from([0, 0, extent >> 8, extent & 255])),
    Buffer.from(bytes),
  ]);

const tiny = architecture({ input: [4], layers: [{ kind: 'dense', units: 2 }] });
/** Class 1 where the first number is larger than the second. */
const knowing = Float32Array.of(0, 8, 8, 0, 0, 0, 0, 0, 0, 0);
const plan = planTemplate({
  name: 'tiny',
  purpose: 'A test.',
  architecture: { input: [4], layers: [{ kind: 'dense', units: 2 }] },
  parameterCount: 10,
  loss: 'crossEntropy',
  firstWeightsSeed: 1,
  schedule: 'synchronous',
  protection: 'mask',
  reason: 'a test that needs no privacy',
  minimumContributors: 5,
  maximumContributors: 8,
  rounds: 3,
  epsilon: null,
  delta: 1e-6,
  unit: 'record',
  uploadFraction: 1,
  batchSize: 4,
  learningRate: 0.1,
  minimumUnits: 4,
  authority: null,
  endsAtMs: 1_900_000_000_000,
});

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sumus model '));
  writeFileSync(at('tiny.safetensors'), writeNetwork(tiny, knowing));
  writeFileSync(at('plan.json'), JSON.stringify(plan));
  mkdirSync(at('images'));
  for (const part of ['train', 't10k']) {
    const images = [255, 0, 0, 0, 0, 255, 0, 0, 200, 100, 9, 9];
    writeFileSync(at(`images/${part}-images-idx3-ubyte`), idx([3, 2, 2], images));
    writeFileSync(at(`images/${part}-labels-idx1-ubyte`), idx([3], part === 'train' ? [1, 0, 1] : [1, 0, 0]));
  }
  const rows = Array.from(
    { length: 100 },
    (_, i) => `p${i % 10},${i % 7},${['red', 'blue'][i % 2]},${i === 3 ? '' : i % 5},${i % 3 === 0 ? 'yes' : 'no'}`,
  );
  writeFileSync(at('table.csv'), `person,number,colour,gap,answer\n${rows.join('\n')}\n`);
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('sumus plan sign', () => {
  it('makes a key that its owner alone reads, and a plan whose signature holds', async () => {
    const words = ['plan', 'sign', at('plan.json'), '--key', at('owner.pem')];
    const { status, stdout } = await sumus(...words, '--new-key', '--out', at('signed.json'), '--json');
    expect(status).toBe(0);
    if (process.platform !== 'win32') expect(statSync(at('owner.pem')).mode & 0o777).toBe(0o600);
    const read = readPlanFile(readFileSync(at('signed.json'), 'utf8'));
    if (read.kind === 'invalid' || read.file.signed === undefined) throw new Error('not signed');
    const { signedBy, id } = read.file.signed;
    expect(JSON.parse(stdout)).toEqual({ file: at('signed.json'), id, signedBy });
    // The same key as Node itself derives from the file.
    const expected = createPublicKey(readFileSync(at('owner.pem')))
      .export({ format: 'der', type: 'spki' })
      .subarray(-32);
    expect(signedBy).toBe(expected.toString('hex'));
    await verifyPlan(nodePrimitives(), read.file.signed, Uint8Array.from(expected));
    const again = await sumus(...words, '--out', at('again.json'));
    expect(again.status).toBe(0);
    expect(readFileSync(at('again.json'), 'utf8')).toBe(readFileSync(at('signed.json'), 'utf8'));
    expect((await sumus('plan', 'check', at('signed.json'), '--key', signedBy)).stdout).toContain(
      `signed by ${signedBy}`,
    );
  });

  it('prints nothing of the key', async () => {
    const secret = readFileSync(at('owner.pem'), 'utf8').split('\n')[1] ?? 'none';
    const words = ['plan', 'sign', at('plan.json'), '--key', at('owner.pem'), '--out'];
    for (const ending of [await sumus(...words, at('third.json')), await sumus(...words, at('third.json'))]) {
      expect(ending.stdout + ending.stderr).not.toContain(secret.slice(20));
    }
  });

  it('overwrites neither key nor plan, and signs nothing that cannot be run', async () => {
    const words = ['plan', 'sign', at('plan.json'), '--key', at('owner.pem')];
    expect((await sumus(...words, '--new-key', '--out', at('new.json'))).status).toBe(2);
    expect((await sumus(...words, '--out', at('signed.json'))).status).toBe(2);
    writeFileSync(at('bad.json'), JSON.stringify({ ...plan, contributors: { ...plan.contributors, minimum: 2 } }));
    const bad = await sumus('plan', 'sign', at('bad.json'), '--key', at('owner.pem'), '--out', at('new.json'));
    expect([bad.status, bad.stdout]).toEqual([1, expect.stringContaining('too-few-contributors')]);
    writeFileSync(at('noise.pem'), 'no key at all');
    const noise = await sumus('plan', 'sign', at('plan.json'), '--key', at('noise.pem'), '--out', at('new.json'));
    expect([noise.status, noise.stderr]).toEqual([2, expect.stringContaining('no private key')]);
  });
});

describe('sumus model export', () => {
  it('writes ONNX and back the same weights', async () => {
    expect((await sumus('model', 'export', at('tiny.safetensors'), '--out', at('tiny.onnx'))).status).toBe(0);
    const { status, stdout } = await sumus(
      'model',
      'export',
      at('tiny.onnx'),
      '--out',
      at('back.safetensors'),
      '--json',
    );
    expect([status, JSON.parse(stdout).parameters]).toEqual([0, 10]);
    expect(readNetwork(readFileSync(at('back.safetensors'))).weights).toEqual(knowing);
  });

  it('refuses what it cannot mean, and says why', async () => {
    const refusals: readonly (readonly [string[], string])[] = [
      [['model', 'export', at('tiny.safetensors'), '--out', at('tiny.h5')], 'neither in .onnx nor in .safetensors'],
      [['model', 'export', at('plan.json'), '--out', at('x.onnx')], 'is no model'],
      [['model', 'export', at('gone.safetensors'), '--out', at('x.onnx')], 'cannot be read'],
      [['model', 'export', at('tiny.safetensors'), '--out', at('tiny.safetensors')], 'is there already'],
    ];
    for (const [words, why] of refusals) {
      const { status, stderr } = await sumus(...words);
      expect([words, status, stderr]).toEqual([words, 2, expect.stringContaining(why)]);
    }
  });
});

describe('sumus model evaluate', () => {
  it('tells how many of the images it knows', async () => {
    const words = ['model', 'evaluate', at('tiny.safetensors'), '--data', at('images'), '--json'];
    const test = JSON.parse((await sumus(...words)).stdout);
    expect([test.examples, test.accuracy]).toEqual([3, 2 / 3]);
    expect(test.classes.map((one: { support: number }) => one.support)).toEqual([2, 1]);
    const training = JSON.parse((await sumus(...words, '--on', 'training')).stdout);
    expect(training.accuracy).toBe(1);
    const told = await sumus(...words.slice(0, -1));
    expect(told.stdout).toMatch(/accuracy +66\.7 %/);
  });

  it('prepares a table as that was which the model was trained on', async () => {
    const five = architecture({ input: [4], layers: [{ kind: 'dense', units: 2 }] });
    const options = { data: at('table.csv'), target: 'answer', unit: 'person', testShare: '0.2' };
    const sets = await openExamples(options, { shape: [4], classes: 2 }, (length) => new Uint8Array(length).fill(7));
    expect(sets.training.count + sets.test.count).toBe(100);
    const people = (part: typeof sets.test) => new Set(part.unitOfRow).size;
    expect([people(sets.training), people(sets.test)]).toEqual([8, 2]);
    const metadata = new Map([['sumus.preparation', JSON.stringify(sets.preparation)]]);
    writeFileSync(at('table.safetensors'), writeNetwork(five, initialWeights(five, 1), metadata));
    const words = ['model', 'evaluate', at('table.safetensors'), '--data', at('table.csv'), '--unit', 'person'];
    const found = await sumus(...words, '--json');
    expect(found.stderr).toBe('');
    expect(JSON.parse(found.stdout).examples).toBe(100);
    expect(JSON.parse(found.stdout).classes.map((one: { class: string }) => one.class)).toEqual(['no', 'yes']);
  });

  it('says which columns there are, and how many numbers the model would have to take', async () => {
    const words = ['model', 'evaluate', at('tiny.safetensors'), '--data', at('table.csv')];
    expect((await sumus(...words)).stderr).toContain('--target');
    expect((await sumus(...words, '--target', 'nothing')).stderr).toContain('person, number, colour, gap, answer');
    const { status, stderr } = await sumus(...words, '--target', 'answer');
    expect([status, stderr]).toEqual([2, expect.stringContaining('the input [14]')]);
  });
});
