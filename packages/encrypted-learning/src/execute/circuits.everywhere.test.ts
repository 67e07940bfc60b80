import { ckksContext, encryptSymmetric, expand, secretKey } from '@sumus/lattice/ckks';
import { type Engine, referenceEngine, wasmEngine } from '@sumus/lattice/engine';
import { insecureCkksParameters, type LatticePrimitives } from '@sumus/lattice/parameters';
import { loadWebPrimitives } from '@sumus/platform/web';
import { beforeAll, expect, it } from 'vitest';
import { circuit } from '../circuit/circuit.ts';
import { planFor } from '../parameters/choose.ts';
import { explain } from '../parameters/explain.ts';
import { plan } from '../parameters/plan.ts';
import { ckksExecutor } from './ckks.ts';
import { inputsFrom } from './executor.ts';
import { evaluationKeys } from './keys.ts';

// Evaluation draws nothing: whoever computes a circuit again, with either engine and on any platform, gets the same bytes; and the same
// circuit finds the same parameters, or two sides would not understand each other.

let web: LatticePrimitives;
beforeAll(async () => {
  web = await loadWebPrimitives();
});

function seeded(): LatticePrimitives {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  let calls = 0;
  return {
    ...web,
    randomBytes: (length) => {
      const out = new Uint8Array(length);
      const nonce = new Uint8Array(12);
      new DataView(nonce.buffer).setUint32(0, calls++, true);
      web.chacha20(key, nonce, 0, out);
      return out;
    },
  };
}

const SLOTS = 32;
const weights = Float64Array.from({ length: SLOTS }, (_, j) => ((j * 7) % 11) / 16 - 0.25);

const story = circuit('story', SLOTS, (c) => {
  const x = c.input('x');
  const y = c.input('y');
  const z = c.declare(
    c.innerSum(c.multiplyPlain(c.multiply(x, y), 1 / 32), 32),
    1,
    'thirty-two products over thirty-two',
  );
  const p = c.polynomial(z, [0.5, 0.25, 0, -0.125]);
  const matrix = c.transform(
    c.rotate(p, 3),
    new Map([
      [0, weights],
      [5, weights],
    ]),
  );
  c.output(
    'out',
    c.combination(
      [
        { value: matrix, factor: weights },
        { value: p, factor: 0.75 },
      ],
      0.125,
    ),
  );
});

async function digestOf(engine: Engine): Promise<string> {
  const parameters = insecureCkksParameters({ degree: 128, levels: 6, scaleBits: 55, limbsPerLevel: 2, digits: 3 });
  const context = ckksContext({ engine, primitives: seeded() }, parameters);
  const secret = secretKey(context);
  const planned = plan(story, parameters, { encryptedWith: 'secret key' });
  const encrypted = Object.fromEntries(
    ['x', 'y'].map((name, i) => {
      const values = Float64Array.from({ length: SLOTS }, (_, j) => (((j + 3 * i) * 37) % 64) / 80 - 0.4);
      const at = story.operations.findIndex((one) => one.kind === 'input' && one.name === name);
      return [name, expand(encryptSymmetric(context, secret, values, { level: planned.levels[at], slots: SLOTS }))];
    }),
  );
  const executor = ckksExecutor(planned, context, evaluationKeys(planned, context, secret));
  const out = (await executor.run(inputsFrom(encrypted))).get('out');
  if (out === undefined) throw new Error('no output');
  const bytes = [out.c0, out.c1].map(
    ({ residues }) => new Uint8Array(residues.buffer, residues.byteOffset, residues.byteLength),
  );
  return Array.from(web.sha256(...bytes).subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

it('a circuit computed again gives the same bytes, with either engine, on every platform', async () => {
  const digest = await digestOf(await wasmEngine());
  expect(digest).toBe('f5534c2c4a20b54c33cb37ee351051db');
  expect(await digestOf(referenceEngine())).toBe(digest);
});

it('a circuit finds the same parameters on every platform', () => {
  const { parameters, levels } = planFor(story);
  expect(parameters.toString()).toBe(
    'CKKS N = 16384, 6 levels of 2 limb(s) at scale 2^50, 7 digits, 2 special primes (128-bit security: 420.00 of at most 430 bits)',
  );
  expect(parameters.description.length).toBeGreaterThan(100);
  expect(explain(planFor(story))).toContain(`${Math.max(...levels)} of ${parameters.topLevel} levels`);
});
