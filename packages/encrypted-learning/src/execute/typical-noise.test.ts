import { ckksContext, decrypt, decryptForRelease, publicKey, secretKey } from '@sumus/lattice/ckks';
import { insecureCkksParameters } from '@sumus/lattice/parameters';
import { expect, it } from 'vitest';
import type { CircuitBuilder, Wire } from '../circuit/builder.ts';
import { circuit } from '../circuit/circuit.ts';
import { plan } from '../parameters/plan.ts';
import { ckksExecutor } from './ckks.ts';
import { clearExecutor } from './clear.ts';
import { encryptInputs } from './encrypt-inputs.ts';
import { inputsFrom } from './executor.ts';
import { evaluationKeys } from './keys.ts';
import { reproducibleLattice } from './reproducible-lattice.contract.ts';

const SLOTS = 256;
const SIGMOID = [0.5, 1.735, 0, -4.19, 0, 5.43, 0, -2.5];
const rows = Float64Array.from({ length: SLOTS }, (_, j) => 0.25 * Math.sin(j * j + 1));
const weights = Float64Array.from({ length: SLOTS }, (_, j) => 0.25 * Math.cos(j % 16));

/** Descent in small: margins of 16 features, a sigmoid, a sum over 16 rows. */
function descent(c: CircuitBuilder, iterations: number): void {
  const x = c.input('rows', { magnitude: 0.25 });
  let w: Wire = c.input('weights', { magnitude: 0.5 });
  for (let i = 0; i < iterations; i++) {
    const margins = c.declare(c.innerSum(c.multiply(x, w), 16), 1, 'rows and weights are small');
    const step = c.innerSum(c.multiply(c.polynomial(margins, SIGMOID), x), 16, 16);
    const moved = c.combination([
      { value: w, factor: 0.9 },
      { value: step, factor: 1 / 32 },
    ]);
    w = c.declare(moved, 0.5, 'the descent contracts');
  }
  c.output('weights', w);
}

for (const shape of ['double', 'single'] as const) {
  it(`what is taken as typical is what is met within a factor of 8, and cannot be released as a bound, ${shape} limbs`, async () => {
    const iterations = shape === 'double' ? 2 : 3;
    const parameters = insecureCkksParameters({
      degree: 512,
      levels: 6 * iterations,
      ...(shape === 'double' ? { scaleBits: 55, limbsPerLevel: 2 } : { scaleBits: 28, limbsPerLevel: 1, baseLimbs: 2 }),
      digits: 4,
    });
    const made = circuit('descent', SLOTS, (c) => descent(c, iterations));
    const context = ckksContext(await reproducibleLattice(7), parameters);
    const secret = secretKey(context);
    const planned = plan(made, parameters, { noise: 'typical' });
    const encrypted = encryptInputs(planned, context, { publicKey: publicKey(context, secret) }, { rows, weights });
    const executor = ckksExecutor(planned, context, evaluationKeys(planned, context, secret));
    const out = (await executor.run(inputsFrom(encrypted))).get('weights');
    const clear = (await clearExecutor(made).run(inputsFrom({ rows, weights }))).get('weights');
    if (out === undefined || clear === undefined) throw new Error('no output');
    const opened = decrypt(secret, out, { slots: SLOTS });
    const met = Math.sqrt(opened.reduce((sum, value, j) => sum + (value - clear[j]) ** 2, 0) / SLOTS);
    const typical = planned.typical[made.outputs.get('weights')?.at ?? -1]?.errorStddev ?? 0;
    expect(met / typical).toBeLessThan(8);
    expect(met / typical).toBeGreaterThan(1 / 64);
    expect(out.estimate.claimed).toBe(true);
    expect(() => decryptForRelease(secret, out, { releases: 1 })).toThrow('claim');
    // The bound says nothing any more where the numbers still have many bits.
    if (shape === 'single') expect(planned.cost.precisionBits - Math.log2(1 / met)).toBeLessThan(-5);
  });
}
