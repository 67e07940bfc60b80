// The sum of one-time keys from the answers of a committee: any quorum of answers gives that sum and nothing else, and with it the
// one-time sum opens (packed-sharing.ts, one-time-sum.ts).
//
// Refused: answers of foreign or repeated members, of wrong length or range, for different sets; fewer than the quorum; answers that
// do not lie on one polynomial (with r answers up to r − quorum wrong ones are detected, not located); sums with a coefficient that
// no honest keys have. A range check is no proof: exactly a quorum of answers lies on some polynomial whatever they are, and the secrets'
// points lie so near the members' that a small change of an answer may change the sum by little. openSum finds what passes here: a key
// sum that is wrong in one coefficient is off by a_j times the difference, which spreads over R_q.

import { ParameterError, ProtocolViolation } from '../errors.ts';
import type { Lattice } from '../lattice.ts';
import { keySumBound, type OneTimeParameters } from '../parameters/one-time-parameters.ts';
import { type KeyShare, requireShare } from './key-share.ts';
import { combineVectors, keyPoints, lagrangeMatrix, vectorBytes } from './packed-sharing.ts';

/** The opened sum of keys. Public from here on. */
export interface KeySum {
  readonly coefficients: Int32Array<ArrayBuffer>;
  readonly contributions: number;
}

/** The sum of the keys from the answers of at least a quorum of members, all for the same set of contributors. */
export function reconstructKeySum(
  lattice: Lattice,
  parameters: OneTimeParameters,
  answers: readonly KeyShare[],
): KeySum {
  const contributions = checkAnswers(parameters, answers);
  const { committee, degree, shareModulus: p } = parameters;
  const { quorum, packed, blocks } = committee;
  const points = answers.map(({ member }) => member);
  const matrix = lagrangeMatrix(points.slice(0, quorum), [...keyPoints(parameters), ...points.slice(quorum)], p);
  const { engine } = lattice;
  const stride = vectorBytes(blocks);
  return engine.memory.scope(() => {
    const vectors = engine.memory.allocate(quorum * stride);
    engine.memory.u8(vectors, quorum * stride).fill(0);
    for (let k = 0; k < quorum; k++) engine.memory.u32(vectors + k * stride, blocks).set(answers[k].elements);
    const out = engine.memory.allocate(stride);
    const value = (row: number): Uint32Array => {
      combineVectors(engine, out, vectors, matrix[row], blocks, p);
      return engine.memory.u32(out, blocks);
    };
    for (let extra = quorum; extra < answers.length; extra++) {
      const expected = value(packed + extra - quorum);
      if (!answers[extra].elements.every((element, b) => element === expected[b])) {
        throw new ProtocolViolation(
          `the answers of members ${points.join(', ')} do not lie on one polynomial: at least one of them is wrong`,
        );
      }
    }
    const coefficients = new Int32Array(degree);
    for (let k = 0; k < packed; k++) {
      const secrets = value(k);
      for (let b = 0; b < blocks; b++) {
        const index = b * packed + k;
        const centred = secrets[b] > p / 2 ? secrets[b] - p : secrets[b];
        if (index < degree) coefficients[index] = centred;
        else if (centred !== 0) throw new ProtocolViolation('the padding of the shared keys is not zero');
      }
    }
    requireKeySum(parameters, { coefficients, contributions });
    return Object.freeze({ coefficients, contributions });
  });
}

/** Refuses a sum of keys of wrong length, or with a coefficient beyond what so many honest keys can reach. */
export function requireKeySum(parameters: OneTimeParameters, { coefficients, contributions }: KeySum): void {
  const bound = keySumBound(parameters, contributions);
  if (coefficients.length !== parameters.degree) {
    throw new ParameterError(`${coefficients.length} coefficients for keys of degree ${parameters.degree}`);
  }
  const outside = coefficients.findIndex((c) => Math.abs(c) > bound);
  if (outside >= 0) {
    throw new ProtocolViolation(
      `coefficient ${outside} of the sum of ${contributions} keys is beyond ±${bound}: a share or an answer is wrong`,
    );
  }
}

/** Refuses answers that do not belong together, and fewer than a quorum; how many contributions they are for. */
export function checkAnswers(parameters: OneTimeParameters, answers: readonly KeyShare[]): number {
  const { quorum, members } = parameters.committee;
  const seen = new Set<number>();
  for (const answer of answers) {
    requireShare(parameters, answer);
    if (seen.has(answer.member)) throw new ProtocolViolation(`member ${answer.member} answers twice`);
    seen.add(answer.member);
    if (answer.contributions !== answers[0].contributions) {
      throw new ProtocolViolation(
        `answers for ${answers[0].contributions} and for ${answer.contributions} contributions do not belong together`,
      );
    }
  }
  if (answers.length < quorum) {
    throw new ParameterError(`${answers.length} answers; a quorum is ${quorum} of ${members} members`);
  }
  return answers[0].contributions;
}
