// Which of a committee's answers are wrong, as far as the code tells: the answers of one block are a Reed–Solomon word of dimension
// q_c, so of r answers ⌊(r − q_c)/2⌋ wrong ones are located. All blocks of a member go wrong together, so one word is decoded, a
// combination of the blocks whose weights follow from the answers themselves; a member whose errors cancel in it is not
// located, and reconstructKeySum refuses all blocks that do not lie on one polynomial anyhow.
//
// Decoding as in Gao, “A new algorithm for decoding Reed–Solomon codes” (2003): with g_0 = Π(x − x_i) and g_1 the interpolant of the
// word, run Euclid's algorithm until the remainder has degree below (r + q_c)/2; it is then f·v, v the locator of the errors.

import { invertModulo, multiplyModulo } from '../arithmetic/modular.ts';
import type { Lattice } from '../lattice.ts';
import type { OneTimeParameters } from '../parameters/one-time-parameters.ts';
import type { KeyShare } from './key-share.ts';
import { checkAnswers } from './key-sum.ts';

/** The members whose answers are wrong; undefined when more are than can be located. Public: of sums of keys only. */
export function locateWrongAnswers(
  lattice: Lattice,
  parameters: OneTimeParameters,
  answers: readonly KeyShare[],
): readonly number[] | undefined {
  checkAnswers(parameters, answers);
  const { committee, shareModulus: p } = parameters;
  const locatable = Math.floor((answers.length - committee.quorum) / 2);
  const points = answers.map(({ member }) => member);
  const weights = combinationOf(lattice, parameters, answers);
  const word = answers.map(({ elements }) =>
    elements.reduce((sum, element, b) => (sum + multiplyModulo(element, weights[b], p)) % p, 0),
  );
  const f = decode(points, word, committee.quorum, p);
  if (f === undefined) return undefined;
  const wrong = points.filter((x, i) => evaluate(f, x, p) !== word[i]);
  return wrong.length > locatable ? undefined : wrong;
}

/** One field element a block, from a hash of all answers: whoever makes an answer does not know them before. */
function combinationOf(
  { primitives }: Lattice,
  { committee, shareModulus }: OneTimeParameters,
  answers: readonly KeyShare[],
): Uint32Array {
  const bytes = answers.map(({ member, elements }) => {
    const numbered = Uint32Array.of(member, ...elements);
    return new Uint8Array(numbered.buffer);
  });
  const weights = new Uint32Array(committee.blocks);
  primitives.chacha20(primitives.sha256(...bytes), new Uint8Array(12), 0, new Uint8Array(weights.buffer));
  // Nothing secret hangs on it: a slight bias is no matter.
  return weights.map((weight) => weight % shareModulus);
}

/** A polynomial over F_p, lowest coefficient first, no zero at the end; [] is zero. */
type Poly = readonly number[];

function decode(points: readonly number[], word: readonly number[], dimension: number, p: number): Poly | undefined {
  const whole = points.reduce<Poly>((product, x) => multiply(product, [p - x, 1], p), [1]);
  let [before, remainder]: Poly[] = [whole, interpolate(whole, points, word, p)];
  let [locatorBefore, locator]: Poly[] = [[], [1]];
  while (2 * (remainder.length - 1) >= points.length + dimension) {
    const { quotient, rest } = divide(before, remainder, p);
    [before, remainder] = [remainder, rest];
    [locatorBefore, locator] = [locator, subtract(locatorBefore, multiply(quotient, locator, p), p)];
  }
  const { quotient, rest } = divide(remainder, locator, p);
  return rest.length === 0 && quotient.length <= dimension ? quotient : undefined;
}

function interpolate(whole: Poly, points: readonly number[], word: readonly number[], p: number): Poly {
  return points.reduce<Poly>((sum, x, i) => {
    const { quotient: others } = divide(whole, [p - x, 1], p);
    const weight = multiplyModulo(word[i], invertModulo(evaluate(others, x, p), p), p);
    return subtract(sum, multiply(others, [(p - weight) % p], p), p);
  }, []);
}

function trimmed(coefficients: number[]): Poly {
  while (coefficients.length > 0 && coefficients[coefficients.length - 1] === 0) coefficients.pop();
  return coefficients;
}

function multiply(a: Poly, b: Poly, p: number): Poly {
  if (a.length === 0 || b.length === 0) return [];
  const product = new Array<number>(a.length + b.length - 1).fill(0);
  a.forEach((x, i) => {
    b.forEach((y, j) => {
      product[i + j] = (product[i + j] + multiplyModulo(x, y, p)) % p;
    });
  });
  return trimmed(product);
}

function subtract(a: Poly, b: Poly, p: number): Poly {
  return trimmed(Array.from({ length: Math.max(a.length, b.length) }, (_, i) => ((a[i] ?? 0) - (b[i] ?? 0) + p) % p));
}

function divide(a: Poly, b: Poly, p: number): { readonly quotient: Poly; readonly rest: Poly } {
  const rest = [...a];
  const leading = invertModulo(b[b.length - 1], p);
  const quotient = new Array<number>(Math.max(0, a.length - b.length + 1)).fill(0);
  for (let shift = a.length - b.length; shift >= 0; shift--) {
    const factor = multiplyModulo(rest[shift + b.length - 1], leading, p);
    quotient[shift] = factor;
    for (let j = 0; j < b.length; j++) rest[shift + j] = (rest[shift + j] + p - multiplyModulo(factor, b[j], p)) % p;
  }
  return { quotient: trimmed(quotient), rest: trimmed(rest) };
}

/** Horner. */
const evaluate = (f: Poly, x: number, p: number): number =>
  f.reduceRight((value, coefficient) => (multiplyModulo(value, x, p) + coefficient) % p, 0);
