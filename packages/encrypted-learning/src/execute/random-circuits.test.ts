import { ckksContext, decrypt, publicKey, secretKey } from '@sumus/lattice/ckks';
import { insecureCkksParameters } from '@sumus/lattice/parameters';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CircuitBuilder, Wire } from '../circuit/builder.ts';
import { circuit } from '../circuit/circuit.ts';
import { magnitudesOf } from '../circuit/magnitude.ts';
import { measure } from '../circuit/measure.ts';
import { plan } from '../parameters/plan.ts';
import { ownerRefresh, ownerRefresher } from '../refresh/owner.ts';
import { ckksExecutor } from './ckks.ts';
import { clearExecutor } from './clear.ts';
import { encryptInputs } from './encrypt-inputs.ts';
import { inputsFrom } from './executor.ts';
import { evaluationKeys } from './keys.ts';
import { reproducibleLattice } from './reproducible-lattice.contract.ts';

// Circuits nobody thought of: whatever is written down, ciphertexts give what the twin gives, on the planned levels, within the bounds.

const SLOTS = 8;
const FULL =
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'] === '1';

/** One operation: which it is, and numbers from which operands and constants are read. */
const step = fc.tuple(fc.nat(11), fc.nat(), fc.nat(), fc.integer({ min: -7, max: 7 }));

function write(c: CircuitBuilder, steps: readonly (readonly [number, number, number, number])[]): void {
  const wires: Wire[] = [c.input('x'), c.input('y')];
  const vector = (seed: number): Float64Array => Float64Array.from({ length: SLOTS }, (_, j) => Math.sin(seed + j));
  for (const [kind, one, two, number] of steps) {
    const a = wires[one % wires.length];
    const b = wires[two % wires.length];
    const made = ((): Wire => {
      switch (kind) {
        case 0:
          return c.add(a, b);
        case 1:
          return c.subtract(a, b);
        case 2:
          return c.multiplyPlain(c.multiply(a, b), 0.5);
        case 3:
          return c.rotate(a, number);
        case 4:
          return c.multiplyPlain(c.innerSum(a, 1 + (two % SLOTS), number === 0 ? 1 : number), 0.25);
        case 5:
          return c.combination(
            [
              { value: a, factor: number / 8 },
              { value: b, factor: 0.3 },
            ],
            0.25,
          );
        case 6:
          return c.combination([
            { value: a, factor: vector(number) },
            { value: b, factor: 0.5 },
          ]);
        case 7:
          return c.addPlain(a, vector(two % 100));
        case 8:
          return c.polynomial(c.multiplyPlain(a, 0.25), [0.1, 0.5, 0, -0.25]);
        case 9:
          return c.transform(
            a,
            new Map(
              [
                [0, vector(1)],
                [number, vector(2)],
              ].slice(0, number === 0 ? 1 : 2) as [number, Float64Array][],
            ),
          );
        case 10:
          return c.refresh(a);
        default:
          return c.sumOfProducts([
            [a, b],
            [a, a],
          ]);
      }
    })();
    wires.push(made);
  }
  wires.slice(-2).forEach((wire, i) => {
    c.output(`out.${i}`, wire);
  });
  // Inputs that nothing reads are refused.
  c.output('all', c.add(wires[0], wires[1]));
}

it('ciphertexts give what the twin gives, whatever the circuit', async () => {
  const parameters = insecureCkksParameters({ degree: 32, levels: 12, scaleBits: 55, limbsPerLevel: 2, digits: 4 });
  const context = ckksContext(await reproducibleLattice(11), parameters);
  const secret = secretKey(context);
  const key = publicKey(context, secret);
  const x = Float64Array.from({ length: SLOTS }, (_, j) => Math.sin(5 * j + 1));
  const y = Float64Array.from({ length: SLOTS }, (_, j) => Math.cos(3 * j));
  let executed = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const made = circuit('random', SLOTS, (c) => write(c, steps));
      const bounds = magnitudesOf(made);
      // Beyond what levels hold, planning refuses: another test.
      if (measure(made).depth > 8 || Math.max(...bounds) > 2 ** 20) return;
      const planned = plan(made, parameters, { refresh: ownerRefresh });
      const executor = ckksExecutor(planned, context, evaluationKeys(planned, context, secret), {
        refresher: ownerRefresher(context, secret, { slots: SLOTS }),
      });
      const encrypted = encryptInputs(planned, context, { publicKey: key }, { x, y });
      const results = await executor.run(inputsFrom(encrypted));
      const clear = await clearExecutor(made).run(inputsFrom({ x, y }));
      for (const [name, { at }] of made.outputs) {
        const [result, expected] = [results.get(name), clear.get(name)];
        const estimate = planned.estimates[at];
        if (result === undefined || expected === undefined || estimate === undefined) throw new Error(`no ${name}`);
        expect(result.level).toBe(planned.levels[at]);
        const opened = decrypt(secret, result, { slots: SLOTS });
        opened.forEach((value, j) => {
          expect(Math.abs(value - expected[j])).toBeLessThan(12 * estimate.errorStddev);
          expect(Math.abs(expected[j])).toBeLessThanOrEqual(estimate.magnitude * (1 + 2 ** -30));
        });
        expect(result.estimate.errorStddev).toBeLessThanOrEqual(estimate.errorStddev * 1.001);
        expect(result.estimate.magnitude).toBeLessThanOrEqual(estimate.magnitude * 1.001);
      }
      executed += 1;
    }),
    { seed: 5, numRuns: FULL ? 500 : 40 },
  );
  expect(executed).toBeGreaterThan(FULL ? 250 : 20);
});
