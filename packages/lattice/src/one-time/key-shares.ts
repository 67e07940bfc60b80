// Shares of one-time keys: a contributor deals one to every committee member, a member sums what it received for one set of
// contributors, any quorum of such sums gives the sum of the keys and nothing else (packed-sharing.ts).
//
// Refused: shares of foreign or repeated members, of wrong length or range, of different sets; fewer answers than the quorum; answers
// that do not lie on one polynomial (r − q_c wrong ones among r are detected, ⌊(r − q_c)/2⌋ could be located: this detects, ⚠32);
// sums of keys with a coefficient no honest keys have. A range check is no proof: opening checks the noise as well (open.ts).

import { ParameterError, ProtocolViolation } from '../errors.ts';
import type { Lattice } from '../lattice.ts';
import { keySumBound, type OneTimeParameters } from '../parameters/one-time-parameters.ts';
import { freshSeed } from '../random/index.ts';
import { RandomStream } from '../random/random-stream.ts';
import { UniformWords } from '../random/uniform.ts';
import type { OneTimeKey } from './one-time-key.ts';
import { combineVectors, inputPoints, lagrangeMatrix, secretPoints, vectorBytes } from './packed-sharing.ts';

/** What one member holds of one key, or of a sum of keys: `blocks` elements of F_p. Secret, for this member alone. */
export interface KeyShare {
  /** 1 … m. */
  readonly member: number;
  readonly elements: Uint32Array<ArrayBuffer>;
  /** How many keys are summed in it. */
  readonly contributions: number;
}

/** The opened sum of keys. Public from here on. */
export interface KeySum {
  readonly coefficients: Int32Array<ArrayBuffer>;
  readonly contributions: number;
}

/** One share for every member, in order. Once per key, before it encrypts. */
export function shareKey(lattice: Lattice, key: OneTimeKey, seed?: Uint8Array): KeyShare[] {
  const { parameters } = key;
  const { committee, degree, shareModulus: p } = parameters;
  const { members, quorum, packed, blocks, corrupt } = committee;
  const matrix = sharingMatrix(parameters);
  const coefficients = key.takeForSharing();
  const drawn = seed ?? freshSeed(lattice.primitives);
  const stream = new RandomStream(lattice.primitives, drawn, 'shar', 0);
  const { engine } = lattice;
  const stride = vectorBytes(blocks);
  try {
    return engine.memory.secretScope(() => {
      const vectors = engine.memory.allocate(quorum * stride);
      engine.memory.u8(vectors, quorum * stride).fill(0);
      // Coefficient b·ρ + k is secret k of block b.
      for (let k = 0; k < packed; k++) {
        const vector = engine.memory.u32(vectors + k * stride, blocks);
        for (let b = 0; b < blocks; b++) {
          const index = b * packed + k;
          const c = index < degree ? coefficients[index] : 0;
          vector[b] = c + p * (c >>> 31);
        }
      }
      if (corrupt > 0) {
        const words = new UniformWords(engine, stream, 4 * corrupt * blocks);
        for (let k = packed; k < quorum; k++) words.draw(vectors + k * stride, blocks, p);
      }
      const out = engine.memory.allocate(stride);
      return Array.from({ length: members }, (_, i) => {
        combineVectors(engine, out, vectors, matrix[i], blocks, p);
        return { member: i + 1, elements: engine.memory.u32(out, blocks).slice(), contributions: 1 };
      });
    });
  } finally {
    stream.wipe();
    if (seed === undefined) drawn.fill(0);
  }
}

/** A member's answer: the sum of its shares of the keys of one set of contributors, one each. */
export function sumShares(parameters: OneTimeParameters, shares: readonly KeyShare[]): KeyShare {
  const [first] = shares;
  if (first === undefined) throw new ParameterError('no shares to sum');
  const { shareModulus: p, contributors } = parameters;
  const elements = new Uint32Array(parameters.committee.blocks);
  let contributions = 0;
  for (const share of shares) {
    requireShare(parameters, share);
    if (share.member !== first.member) {
      throw new ProtocolViolation(`shares of members ${first.member} and ${share.member} do not add up`);
    }
    contributions += share.contributions;
  }
  if (contributions > contributors) {
    throw new ParameterError(`shares of ${contributions} keys; the parameters allow ${contributors} contributors`);
  }
  for (const share of shares) {
    for (let i = 0; i < elements.length; i++) elements[i] = (elements[i] + share.elements[i]) % p;
  }
  return { member: first.member, elements, contributions };
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
  const matrix = lagrangeMatrix(points.slice(0, quorum), [...secretPoints(parameters), ...points.slice(quorum)], p);
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

const matrices = new WeakMap<OneTimeParameters, Uint32Array[]>();

/** Rows: members; columns: secrets, then random values. */
function sharingMatrix(parameters: OneTimeParameters): Uint32Array[] {
  const members = Array.from({ length: parameters.committee.members }, (_, i) => i + 1);
  const made = matrices.get(parameters) ?? lagrangeMatrix(inputPoints(parameters), members, parameters.shareModulus);
  matrices.set(parameters, made);
  return made;
}

function checkAnswers(parameters: OneTimeParameters, answers: readonly KeyShare[]): number {
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

function requireShare(parameters: OneTimeParameters, { member, elements, contributions }: KeyShare): void {
  const { committee, shareModulus, contributors } = parameters;
  if (!Number.isInteger(member) || member < 1 || member > committee.members) {
    throw new ProtocolViolation(`member ${member} is not one of the ${committee.members} of the committee`);
  }
  if (elements.length !== committee.blocks) {
    throw new ProtocolViolation(
      `a share of ${elements.length} elements, not ${committee.blocks}, from member ${member}`,
    );
  }
  if (!Number.isInteger(contributions) || contributions < 1 || contributions > contributors) {
    throw new ProtocolViolation(
      `a share of ${contributions} keys from member ${member}; at most ${contributors} are summed`,
    );
  }
  if (elements.some((element) => element >= shareModulus)) {
    throw new ProtocolViolation(`a share of member ${member} has an element outside the field`);
  }
}
