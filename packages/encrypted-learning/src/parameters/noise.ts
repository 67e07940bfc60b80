// What is known of every result before anything runs: the bound on its numbers and the deviation of its error. Two recursions over the
// same operations:
//
//   bound     lattice's own rules (ckks/estimate.ts), deviations of sums ADDED: what the ciphertexts will carry, to the last bit. True
//             however errors depend on each other; after long sums far above what is met.
//   typical   errors of different operands taken as independent, squares added. What one meets; no bound: x + x has twice the error.
//
// Flooding is sized by the bound. A chain is chosen by either (choose.ts).

import {
  afterAddition,
  afterFactor,
  afterProduct,
  type Estimate,
  encodingError,
  freshPublic,
  freshSymmetric,
  keySwitchingError,
  ofPlaintext,
  polynomialEstimate,
  roundingError,
  withError,
} from '@sumus/lattice/ckks';
import type { CkksParameters } from '@sumus/lattice/parameters';
import type { Circuit } from '../circuit/circuit.ts';
import { largestOn, magnitudesOf } from '../circuit/magnitude.ts';
import { innerSumSteps, isInteger, levelCost, type Operation } from '../circuit/operation.ts';
import { type Plain, plainMagnitude } from '../circuit/plain.ts';
import type { RefreshModel } from '../refresh/model.ts';

export type NoiseKind = 'bound' | 'typical';

export interface NoiseRequest {
  readonly parameters: CkksParameters;
  /** −1: never executed. */
  readonly levels: readonly number[];
  /** The level at which an operation reads its operands. */
  readonly operandLevels: readonly number[];
  readonly encryptedWith: 'public key' | 'secret key';
  /** How many times a single party's the error of the relinearisation key is (lattice: relinearisationErrorFactor). */
  readonly relinearisationError: number;
  readonly refresh?: RefreshModel;
}

/** One estimate for every operation that is executed. */
export function estimatesOf(
  circuit: Circuit,
  request: NoiseRequest,
  kind: NoiseKind,
): readonly (Estimate | undefined)[] {
  const magnitudes = magnitudesOf(circuit);
  const estimates: (Estimate | undefined)[] = [];
  const noise = new Noise(request, kind, estimates, circuit.slots);
  circuit.operations.forEach((operation, at) => {
    if (request.levels[at] < 0) {
      estimates.push(undefined);
      return;
    }
    const estimate = noise.of(operation, at, magnitudes[at]);
    estimates.push({ ...estimate, magnitude: Math.min(estimate.magnitude, magnitudes[at]) });
  });
  return estimates;
}

class Noise {
  readonly #request: NoiseRequest;
  readonly #typical: boolean;
  readonly #known: readonly (Estimate | undefined)[];
  readonly #slots: number;

  constructor(request: NoiseRequest, kind: NoiseKind, known: readonly (Estimate | undefined)[], slots: number) {
    this.#request = request;
    this.#typical = kind === 'typical';
    this.#known = known;
    this.#slots = slots;
  }

  of(operation: Operation, at: number, magnitude: number): Estimate {
    const level = this.#request.levels[at];
    const { parameters, encryptedWith, refresh } = this.#request;
    const scale = parameters.scales[level].value;
    const above = level + levelCost(operation);
    switch (operation.kind) {
      case 'input': {
        const fresh = encryptedWith === 'public key' ? freshPublic : freshSymmetric;
        return fresh(parameters, scale, operation.magnitude);
      }
      case 'add':
      case 'subtract':
        return this.#plus(this.#at(operation.a, level), this.#at(operation.b, level));
      case 'sum':
        return operation.terms.map((term) => this.#at(term, level)).reduce((a, b) => this.#plus(a, b));
      case 'add plain':
        return this.#plus(this.#at(operation.a, level), this.#plain(operation.plain, level));
      case 'combination':
        return this.#combination(operation, level);
      case 'product': {
        const total = operation.pairs
          .map(({ a, b }) => this.#times(this.#at(a, above), this.#at(b, above)))
          .reduce((a, b) => this.#plus(a, b));
        const { relinearisationError } = this.#request;
        const dropped = parameters.scales[above].value ** 2 / scale;
        const switching = relinearisationError * keySwitchingError(parameters, above, scale, dropped);
        return this.#rounded(withError(total, switching), scale);
      }
      case 'rotate':
        return this.#rotated(this.#at(operation.a, level), level);
      case 'inner sum': {
        const first = this.#at(operation.a, level);
        return innerSumSteps(operation.count, operation.stride, this.#slots).reduce(
          (total, { steps, onto }) =>
            this.#plus(onto === 'itself' ? total : first, steps === 0 ? total : this.#rotated(total, level)),
          first,
        );
      }
      case 'transform':
        return this.#transformed(this.#at(operation.a, above), operation.diagonals, above, scale);
      case 'polynomial':
        return this.#polynomial(this.#at(operation.a, above), operation.coefficients, above, scale);
      case 'refresh': {
        const operandLevel = this.#request.operandLevels[at];
        const given = this.#at(operation.a, operandLevel);
        // Nobody is asked for levels that are still there.
        if (level <= operandLevel) return this.#dropped(given, operandLevel, level);
        return withError(given, refresh?.errorStddev(parameters, level, magnitude) ?? 0);
      }
      case 'negate':
        return this.#at(operation.a, level);
      case 'declare':
        return { ...this.#at(operation.a, level), magnitude: operation.magnitude };
      default:
        return operation satisfies never;
    }
  }

  /** An operand as it arrives at `level`: dropped, where it stands higher. */
  #at(at: number, level: number): Estimate {
    return this.#dropped(this.#own(at), this.#request.levels[at], level);
  }

  #dropped(estimate: Estimate, from: number, to: number): Estimate {
    if (from === to) return estimate;
    const { scales, levels } = this.#request.parameters;
    const q = levels[to].reduce((product, prime) => product * prime, 1);
    const constant = (scales[to].value * q) / scales[from].value;
    const inexact = { ...estimate, errorStddev: estimate.errorStddev + estimate.magnitude / (2 * constant) };
    return this.#rounded(inexact, scales[to].value);
  }

  #plus(a: Estimate, b: Estimate): Estimate {
    const sum = afterAddition(a, b);
    return this.#typical ? { ...sum, errorStddev: Math.hypot(a.errorStddev, b.errorStddev) } : sum;
  }

  #times(a: Estimate, b: Estimate): Estimate {
    const product = afterProduct(a, b);
    if (!this.#typical) return product;
    return { ...product, errorStddev: Math.hypot(a.magnitude * b.errorStddev, b.magnitude * a.errorStddev) };
  }

  #rounded(estimate: Estimate, scale: number): Estimate {
    return withError(estimate, roundingError(this.#request.parameters.degree, scale));
  }

  /** A number alone is a constant; beside vectors it is encoded as they are. */
  #plain(plain: Plain, level: number, encoded: boolean = plain.kind !== 'scalar'): Estimate {
    const { parameters } = this.#request;
    const scale = parameters.scales[level].value;
    const magnitude = plainMagnitude(plain);
    return ofPlaintext(magnitude, encoded ? encodingError(parameters.degree, scale, magnitude) : 0.5 / scale);
  }

  #combination({ terms, constant }: Extract<Operation, { kind: 'combination' }>, level: number): Estimate {
    const { parameters } = this.#request;
    const scale = parameters.scales[level].value;
    const added = ofPlaintext(Math.abs(constant), constant === 0 ? 0 : 0.5 / scale);
    if (terms.every(({ factor }) => isInteger(factor))) {
      const parts = terms.map(({ a, factor }) => afterFactor(this.#at(a, level), plainMagnitude(factor)));
      return this.#plus(
        parts.reduce((a, b) => this.#plus(a, b)),
        added,
      );
    }
    const encoded = terms.some(({ factor }) => factor.kind !== 'scalar');
    const total = terms
      .map(({ a, factor }) => {
        const x = encoded ? this.#at(a, level + 1) : this.#own(a);
        return this.#times(x, this.#plain(factor, level + 1, encoded));
      })
      .reduce((a, b) => this.#plus(a, b));
    return this.#plus(this.#rounded(total, scale), added);
  }

  /** An operand on its own level: the constants of a combination of numbers bring it to the scale that is wanted. */
  #own(at: number): Estimate {
    const estimate = this.#known[at];
    if (estimate === undefined) throw new Error(`encrypted-learning: operation ${at} has no estimate`);
    return estimate;
  }

  #rotated(estimate: Estimate, level: number): Estimate {
    const { parameters } = this.#request;
    const scale = parameters.scales[level].value;
    return this.#rounded(withError(estimate, keySwitchingError(parameters, level, scale)), scale);
  }

  /** As lattice's apply-transform.ts estimates; typical: diagonals in squares. */
  #transformed(x: Estimate, diagonals: ReadonlyMap<number, Float64Array>, above: number, scale: number): Estimate {
    const { parameters } = this.#request;
    const wide = parameters.scales[above].value;
    const largest = [...diagonals.values()].map((values) => plainMagnitude({ kind: 'vector', values }));
    const total = this.#typical ? Math.hypot(...largest) : largest.reduce((sum, value) => sum + value, 0);
    const magnitude = largest.reduce((sum, value) => sum + value, 0);
    const switched = x.errorStddev + keySwitchingError(parameters, above, wide);
    const encoding = diagonals.size * encodingError(parameters.degree, wide, magnitude / diagonals.size);
    const giants = diagonals.size * keySwitchingError(parameters, above, wide ** 2);
    const errorStddev = total * switched + encoding * (x.magnitude + switched);
    return this.#rounded(withError({ ...x, magnitude: magnitude * x.magnitude, errorStddev }, giants), scale);
  }

  /** Numbers of a circuit are real. */
  #polynomial(x: Estimate, coefficients: readonly number[], above: number, scale: number): Estimate {
    const { parameters, relinearisationError } = this.#request;
    if (!this.#typical) {
      const operand = { level: above, estimate: x };
      return polynomialEstimate(parameters, operand, coefficients, relinearisationError, { real: true });
    }
    const derivative = coefficients.slice(1).map((c, i) => c * (i + 1));
    const roundings = Math.sqrt(coefficients.length) * roundingError(parameters.degree, scale);
    return withError(afterFactor(x, largestOn(derivative, x.magnitude)), roundings);
  }
}
