// The transform of one prime beside node-seal's, per coefficient and modulus bit.

import { wasmEngine } from '@sumus/lattice/engine';
import { primesBelow, ring } from '@sumus/lattice/ring';
import { type Contestant, measure } from '../measure.ts';
import { compared, type Findings, planFor, type Rows, timingResult } from './row.ts';
import { sealCkks } from './seal.ts';
import { TARGETS } from './targets.ts';

export const transformRows: Rows = async (options): Promise<Findings> => {
  const degree = 8192;
  const engine = await wasmEngine();
  const own = transform(engine, degree);
  const large = transform(engine, 65536);
  // Two data primes and two polynomials: four transforms each way in one call. The special prime takes no part.
  const seal = await sealCkks({ degree, primeBits: [60, 60, 60], scale: 2 ** 40 });
  try {
    const plaintext = seal.plaintext();
    const ciphertext = seal.ciphertext();
    seal.encode(new Float64Array(degree / 2).fill(0.5), plaintext);
    seal.encrypt(plaintext, ciphertext);
    const contestants: Contestant[] = [
      { name: `NTT forward + inverse, N = ${degree}, 30 bits`, work: () => own.pair() },
      { name: `NTT forward, N = ${degree}, 30 bits`, work: () => own.forward() },
      { name: `NTT inverse, N = ${degree}, 30 bits`, work: () => own.inverse() },
      { name: 'NTT forward, N = 65536, 30 bits', work: () => large.forward() },
      { name: 'NTT inverse, N = 65536, 30 bits', work: () => large.inverse() },
      {
        name: `node-seal NTT inverse + forward, N = ${degree}, 4 × 60 bits`,
        work: () => seal.transformPair(ciphertext),
      },
    ];
    options.say('transforms, N = 8192 and 65536');
    const timings = await measure(contestants, planFor(options, { rounds: 25, sampleMs: 20 }));
    const [pair, forward, inverse, largeForward, largeInverse, theirs] = timings;
    if (!pair || !forward || !inverse || !largeForward || !largeInverse || !theirs)
      throw new Error('a timing is missing');
    const perBit = { ours: degree * own.bits, theirs: 4 * degree * 60 };
    const { ratio, ratioMedianOfRounds } = compared(pair, theirs);
    const scale = perBit.ours / perBit.theirs;
    const picoseconds = (ms: number, bits: number): number => (ms * 1e9) / bits;
    return {
      results: [
        ...[forward, inverse].map((timing) =>
          timingResult(timing, { psPerCoefficientAndBit: picoseconds(timing.cpuMs.minimum, perBit.ours) }),
        ),
        timingResult(largeForward),
        timingResult(largeInverse),
        timingResult(theirs, { psPerCoefficientAndBit: picoseconds(theirs.cpuMs.minimum, 2 * perBit.theirs) }),
        {
          name: 'NTT pair, node-seal / ours, per coefficient and bit',
          ratio: ratio * scale,
          ratioMedianOfRounds: Number(ratioMedianOfRounds) * scale,
        },
      ],
      outcomes: [
        [TARGETS.transform.name, { measured: ratio * scale }],
        [TARGETS.largeTransform.name, { measured: largeForward.cpuMs.minimum * 1000 }],
      ],
    };
  } finally {
    seal.free();
  }
};

/** The transforms of the largest usable prime, on scratch that stays for the whole run. */
function transform(
  engine: Awaited<ReturnType<typeof wasmEngine>>,
  degree: number,
): { bits: number; forward: () => void; inverse: () => void; pair: () => void } {
  const [q] = primesBelow(2 ** 30, 1, degree);
  if (q === undefined) throw new Error(`no prime for N = ${degree}`);
  const [t] = ring(engine, degree, [q]).tables;
  if (t === undefined) throw new Error(`no tables for N = ${degree}`);
  const { memory, ntt } = engine;
  const values = memory.allocateTable(4 * degree);
  memory.u32(values, degree).set(Uint32Array.from({ length: degree }, (_, i) => (i * 7919 * 7919) % q));
  const { roots, quotients, inverseRoots, inverseQuotients, scale, scaledRoot } = t;
  const forward = (): void => ntt.forwardNtt(values, roots, quotients, degree, q);
  const inverse = (): void => {
    const [s, r] = [scale, scaledRoot];
    ntt.inverseNtt(values, inverseRoots, inverseQuotients, degree, q, s.value, s.quotient, r.value, r.quotient);
  };
  return {
    bits: Math.log2(q),
    forward,
    inverse,
    pair: () => {
      forward();
      inverse();
    },
  };
}
