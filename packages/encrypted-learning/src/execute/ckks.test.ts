import { ckksContext, decrypt, dropTo, encrypt, expand, publicKey, secretKey } from '@sumus/lattice/ckks';
import { insecureCkksParameters } from '@sumus/lattice/parameters';
import { expect, it } from 'vitest';
import type { CircuitBuilder } from '../circuit/builder.ts';
import { type Circuit, circuit } from '../circuit/circuit.ts';
import { type PlanOptions, plan } from '../parameters/plan.ts';
import type { RefreshModel } from '../refresh/model.ts';
import { ckksExecutor } from './ckks.ts';
import { clearExecutor } from './clear.ts';
import { encryptInput, encryptInputs, encryptOwnInput } from './encrypt-inputs.ts';
import { inputsFrom } from './executor.ts';
import { evaluationKeys } from './keys.ts';
import { reproducibleLattice } from './reproducible-lattice.contract.ts';

const SLOTS = 16;
const a = Float64Array.from({ length: SLOTS }, (_, j) => Math.sin(j + 1));
const b = Float64Array.from({ length: SLOTS }, (_, j) => Math.cos(2 * j));
const w = Float64Array.from({ length: SLOTS }, (_, j) => 1.5 * Math.sin(3 * j));

/** More slots than the circuit has: its vectors stand there periodically. */
const parameters = insecureCkksParameters({ degree: 64, levels: 6, scaleBits: 55, limbsPerLevel: 2, digits: 3 });

const everything: (c: CircuitBuilder) => void = (c) => {
  const x = c.input('a');
  const y = c.input('b');
  const plain = c.plainInput('w', { magnitude: 2 });
  c.output('add', c.add(x, y));
  c.output('subtract', c.subtract(c.square(x), y));
  c.output('negate', c.negate(x));
  c.output('sum', c.sum([x, y, x]));
  c.output('add plain', c.addPlain(x, b));
  c.output('add number', c.addPlain(x, -0.25));
  c.output('times', c.multiplyPlain(x, plain));
  c.output(
    'integers',
    c.combination(
      [
        { value: x, factor: 3 },
        { value: y, factor: -1 },
      ],
      0.5,
    ),
  );
  c.output(
    'numbers',
    c.combination(
      [
        { value: c.square(x), factor: 0.3 },
        { value: y, factor: -1.7 },
      ],
      0.5,
    ),
  );
  c.output(
    'mixed',
    c.combination(
      [
        { value: x, factor: 2 },
        { value: y, factor: b },
      ],
      0.5,
    ),
  );
  c.output(
    'product',
    c.sumOfProducts([
      [x, y],
      [x, x],
      [c.rotate(y, 3), y],
    ]),
  );
  c.output('rotations', c.sum([1, 2, 5].map((steps) => c.rotate(x, steps))));
  c.output('inner', c.innerSum(x, 5));
  c.output('strided', c.innerSum(x, 4, -4));
  c.output(
    'matrix',
    c.transform(
      x,
      new Map([
        [0, a],
        [1, b],
        [7, w],
        [-2, a],
      ]),
    ),
  );
  c.output('line', c.polynomial(x, [0.25, -2]));
  c.output('polynomial', c.polynomial(c.polynomial(x, [0.5, 0.9, 0, -0.4, 0, 0.1, 0, -0.05]), [1, 2, 3]));
  c.output('declared', c.declare(c.innerSum(c.square(x), 16), 12, 'Σ sin² of 16 slots'));
};

async function prepare(made: Circuit, options: PlanOptions = {}, seed: number = 1) {
  const context = ckksContext(await reproducibleLattice(seed), parameters);
  const secret = secretKey(context);
  const planned = plan(made, parameters, options);
  return {
    context,
    secret,
    planned,
    publicKey: publicKey(context, secret),
    keys: evaluationKeys(planned, context, secret),
  };
}

it('ciphertexts give what the twin in the clear gives, within the planned noise, operation by operation', async () => {
  const made = circuit('everything', SLOTS, everything);
  const { context, secret, planned, publicKey: key, keys } = await prepare(made);
  const encrypted = encryptInputs(planned, context, { publicKey: key }, { a, b });
  const clear = await clearExecutor(made).run(inputsFrom({ a, b }, { w }));
  const results = await ckksExecutor(planned, context, keys).run(inputsFrom(encrypted, { w }));
  for (const [name, expected] of clear) {
    const result = results.get(name);
    if (result === undefined) throw new Error(`no output ${name}`);
    const opened = decrypt(secret, result, { slots: SLOTS });
    const worst = opened.reduce((most, value, j) => Math.max(most, Math.abs(value - expected[j])), 0);
    const at = made.outputs.get(name)?.at ?? -1;
    expect(result.level, name).toBe(planned.levels[at]);
    expect(worst, name).toBeLessThan(6 * result.estimate.errorStddev);
    expect(worst, name).toBeLessThan(1e-10);
    // What was planned is what the ciphertext says of itself.
    const estimate = planned.estimates[at];
    if (estimate === undefined) throw new Error(`no estimate of ${name}`);
    expect(result.estimate.errorStddev / estimate.errorStddev, name).toBeGreaterThan(0.7);
    expect(result.estimate.errorStddev / estimate.errorStddev, name).toBeLessThan(1.0001);
    expect(result.estimate.magnitude / estimate.magnitude, name).toBeLessThan(1.0001);
  }
});

it('a second run with other plain inputs gives other results', async () => {
  const made = circuit('twice', SLOTS, (c) => {
    const x = c.input('a');
    const plain = c.plainInput('w', { magnitude: 2 });
    c.output('out', c.add(c.multiplyPlain(x, plain), c.multiplyPlain(c.rotate(x, 1), plain)));
  });
  const { context, secret, planned, publicKey: key, keys } = await prepare(made);
  const executor = ckksExecutor(planned, context, keys);
  const encrypted = encryptInputs(planned, context, { publicKey: key }, { a });
  for (const plain of [w, b]) {
    const out = (await executor.run(inputsFrom(encrypted, { w: plain }))).get('out');
    if (out === undefined) throw new Error('no output');
    expect(decrypt(secret, out, { slots: SLOTS })[3]).toBeCloseTo(plain[3] * (a[3] + a[4]), 9);
  }
});

it('encodings that are kept for the next run change nothing but its time', async () => {
  const made = circuit('kept', SLOTS, (c) => {
    const x = c.input('a');
    const matrix = c.transform(
      x,
      new Map([
        [0, a],
        [3, w],
      ]),
    );
    c.output('out', c.multiplyPlain(c.addPlain(matrix, b), w));
  });
  const { context, planned, publicKey: key, keys } = await prepare(made);
  const inputs = inputsFrom(encryptInputs(planned, context, { publicKey: key }, { a }));
  const words: Uint32Array[] = [];
  for (const encodings of ['reused', 'all'] as const) {
    const executor = ckksExecutor(planned, context, keys, { encodings });
    for (let run = 0; run < 2; run++) {
      const out = (await executor.run(inputs)).get('out');
      if (out !== undefined) words.push(out.c0.residues);
    }
  }
  expect(words.length).toBe(4);
  for (const one of words) expect(one).toEqual(words[0]);
});

it('inputs are encrypted no higher than they are needed, and a refresh starts anew', async () => {
  const owner: RefreshModel = {
    kind: 'owner',
    operandLevel: () => 0,
    resultLevel: (p) => p.topLevel,
    errorStddev: () => 1e-12,
  };
  const made = circuit('long', SLOTS, (c) => {
    let x = c.input('a');
    const late = c.input('b');
    for (let i = 0; i < 8; i++) {
      x = c.polynomial(x, [0, 0.9, 0, -0.1]);
      if (i % 2 === 1) x = c.refresh(x);
    }
    c.output('out', c.multiply(x, late));
  });
  const { context, secret, planned, publicKey: key, keys } = await prepare(made, { refresh: owner });
  const levels: number[] = [];
  const encrypted = encryptInputs(planned, context, { publicKey: key }, { a, b });
  expect(encrypted.get('a')?.level).toBe(4);
  expect(encrypted.get('b')?.level).toBe(1);
  const refresher = {
    refresh: async (spent: Parameters<typeof decrypt>[1], level: number) => {
      levels.push(level);
      return encrypt(context, key, decrypt(secret, spent), { level, magnitude: spent.estimate.magnitude });
    },
  };
  const out = (await ckksExecutor(planned, context, keys, { refresher }).run(inputsFrom(encrypted))).get('out');
  expect(levels).toEqual([4, 4, 4, 1]);
  if (out === undefined) throw new Error('no output');
  const clear = (await clearExecutor(made).run(inputsFrom({ a, b }))).get('out');
  expect(decrypt(secret, out, { slots: SLOTS })[5]).toBeCloseTo(clear?.[5] ?? Number.NaN, 9);
  expect(() => ckksExecutor(planned, context, keys)).toThrow('nobody was handed in');
  expect(() => plan(made, parameters)).toThrow('not told how');
  expect(() => plan(made, parameters, { refresh: { ...owner, kind: 'bootstrapping' } })).toThrow('not built');
});

it('refuses missing keys, foreign parameters, a spent chain, larger declarations, and too deep a circuit', async () => {
  const made = circuit('refusals', SLOTS, (c) => c.output('out', c.rotate(c.multiply(c.input('a'), c.input('b')), 3)));
  const { context, secret, planned, publicKey: key, keys } = await prepare(made);
  expect(() => ckksExecutor(planned, context, { galois: keys.galois })).toThrow('relinearisation key');
  expect(() => ckksExecutor(planned, context, { ...keys, galois: new Map() })).toThrow('rotations by 3');
  const other = insecureCkksParameters({ degree: 64, levels: 2, scaleBits: 55, limbsPerLevel: 2, digits: 2 });
  const foreign = ckksContext(context.lattice, other);
  expect(() => ckksExecutor(planned, foreign, keys)).toThrow('the plan is for');
  expect(() => encryptInput(planned, foreign, key, 'a', a)).toThrow('the plan is for');
  expect(() => encryptInput(planned, context, key, 'c', a)).toThrow('no input c');
  expect(() => encryptInput(planned, context, key, 'a', [2])).toThrow('exceeds the declared magnitude');
  const executor = ckksExecutor(planned, context, keys);
  const good = expand(encryptOwnInput(planned, context, secret, 'a', a));
  const run = (x: typeof good): Promise<unknown> => executor.run(inputsFrom({ a: x, b: good }));
  await expect(run(dropTo(good, 0))).rejects.toThrow('spent');
  await expect(run(encrypt(context, key, a, { magnitude: 3 }))).rejects.toThrow('allows 1');
  await expect(run(encrypt(foreign, publicKey(foreign, secretKey(foreign)), a))).rejects.toThrow('other parameters');
  const deep = circuit('deep', SLOTS, (c) => {
    let x = c.input('a');
    for (let i = 0; i < 4; i++) x = c.section(`iteration ${i}`, () => c.polynomial(x, [0, 1, 0, 0, 0, 0, 0, -0.1]));
    c.output('out', c.multiplyPlain(x, 0.5));
  });
  expect(() => plan(deep, parameters)).toThrow(
    /deep needs 13 levels, .* has 6\. The deepest way: iteration 0: polynomial of degree 7 \(3\), .*Degree 3 .* saves 4 level/,
  );
});
