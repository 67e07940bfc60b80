// The door `@sumus/lattice/ring`.
export type { Engine } from '../engine/engine.ts';
export { ParameterError } from '../errors.ts';
export { extendBasis, innerProduct, multiplyAdd } from './basis-extension.ts';
export { rescale } from './division.ts';
export {
  add,
  automorphism,
  automorphismOfEvaluations,
  fromIntegers,
  multiply,
  multiplyByInteger,
  negate,
  subtract,
  toCoefficients,
  toEvaluations,
  toIntegers,
} from './operations.ts';
export type { CoefficientPolynomial, EvaluationPolynomial, Form, Polynomial } from './polynomial.ts';
export { wipePolynomial } from './polynomial.ts';
export { isPrime, primeNearest, primesBelow } from './primes.ts';
export { modulusBits, modulusOf, type Ring, ring, subring } from './ring.ts';
