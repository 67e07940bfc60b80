// Whole polynomials in, a fresh polynomial out: the ring as a user sees it. Refuses operands of different rings.

import { invertModulo } from '../arithmetic/modular.ts';
import { ParameterError } from '../errors.ts';
import {
  addBlock,
  allocateBlock,
  forwardBlock,
  inverseBlock,
  loadBlock,
  multiplyBlock,
  multiplyScalarBlock,
  negateBlock,
  readBlock,
  subtractBlock,
} from './blocks.ts';
import { coefficientPermutation, evaluationPermutation } from './evaluation-order.ts';
import { scalar } from './modulus.ts';
import {
  type CoefficientPolynomial,
  coefficientPolynomial,
  type EvaluationPolynomial,
  evaluationPolynomial,
  type Form,
  type Polynomial,
} from './polynomial.ts';
import { modulusOf, type Ring } from './ring.ts';

function requireSameRing(a: Polynomial<Form>, b: Polynomial<Form>): Ring {
  if (a.ring !== b.ring) throw new ParameterError('operands belong to different rings');
  return a.ring;
}

function sameForm<F extends Form>(
  _model: Polynomial<F>,
  ring: Ring,
  residues: Uint32Array<ArrayBuffer>,
): Polynomial<F> {
  return { ring, residues } as Polynomial<F>;
}

export function toEvaluations(p: CoefficientPolynomial): EvaluationPolynomial {
  return p.ring.engine.memory.scope(() => {
    const a = loadBlock(p);
    forwardBlock(p.ring, a);
    return evaluationPolynomial(p.ring, readBlock(p.ring, a));
  });
}

export function toCoefficients(p: EvaluationPolynomial): CoefficientPolynomial {
  return p.ring.engine.memory.scope(() => {
    const a = loadBlock(p);
    inverseBlock(p.ring, a);
    return coefficientPolynomial(p.ring, readBlock(p.ring, a));
  });
}

export function add<F extends Form>(a: Polynomial<F>, b: Polynomial<NoInfer<F>>): Polynomial<F> {
  const ring = requireSameRing(a, b);
  return ring.engine.memory.scope(() => {
    const x = loadBlock(a);
    addBlock(ring, x, x, loadBlock(b));
    return sameForm(a, ring, readBlock(ring, x));
  });
}

export function subtract<F extends Form>(a: Polynomial<F>, b: Polynomial<NoInfer<F>>): Polynomial<F> {
  const ring = requireSameRing(a, b);
  return ring.engine.memory.scope(() => {
    const x = loadBlock(a);
    subtractBlock(ring, x, x, loadBlock(b));
    return sameForm(a, ring, readBlock(ring, x));
  });
}

export function negate<F extends Form>(a: Polynomial<F>): Polynomial<F> {
  return a.ring.engine.memory.scope(() => {
    const x = loadBlock(a);
    negateBlock(a.ring, x, x);
    return sameForm(a, a.ring, readBlock(a.ring, x));
  });
}

export function multiply(a: EvaluationPolynomial, b: EvaluationPolynomial): EvaluationPolynomial {
  const ring = requireSameRing(a, b);
  return ring.engine.memory.scope(() => {
    const x = loadBlock(a);
    multiplyBlock(ring, x, x, loadBlock(b));
    return evaluationPolynomial(ring, readBlock(ring, x));
  });
}

/** Times an integer, reduced modulo every prime. */
export function multiplyByInteger<F extends Form>(a: Polynomial<F>, factor: bigint): Polynomial<F> {
  return a.ring.engine.memory.scope(() => {
    const x = loadBlock(a);
    multiplyScalarBlock(
      a.ring,
      x,
      x,
      a.ring.moduli.map((m) => scalar(factor, m)),
    );
    return sameForm(a, a.ring, readBlock(a.ring, x));
  });
}

function requireGalois(galois: number, { degree }: Ring): void {
  if (!Number.isInteger(galois) || galois <= 0 || galois >= 2 * degree || galois % 2 === 0) {
    throw new ParameterError(`Galois element ${galois} is not odd in (0, ${2 * degree})`);
  }
}

/** X → X^galois on coefficients. */
export function automorphism(p: CoefficientPolynomial, galois: number): CoefficientPolynomial {
  const { ring } = p;
  requireGalois(galois, ring);
  const { memory, residues } = ring.engine;
  return memory.scope(() => {
    const index = memory.allocate(ring.limbBytes);
    memory.u32(index, ring.degree).set(coefficientPermutation(galois, ring.degree));
    const source = loadBlock(p);
    const out = allocateBlock(ring);
    ring.moduli.forEach(({ q }, limb) => {
      const at = limb * ring.limbBytes;
      residues.permuteSignedResidues(out + at, source + at, index, ring.degree, q);
    });
    return coefficientPolynomial(ring, readBlock(ring, out));
  });
}

/** X → X^galois on evaluations. */
export function automorphismOfEvaluations(p: EvaluationPolynomial, galois: number): EvaluationPolynomial {
  const { ring } = p;
  requireGalois(galois, ring);
  const { memory, residues } = ring.engine;
  return memory.scope(() => {
    const index = memory.allocate(ring.limbBytes);
    memory.u32(index, ring.degree).set(evaluationPermutation(galois, ring.degree));
    const source = loadBlock(p);
    const out = allocateBlock(ring);
    for (let limb = 0; limb < ring.moduli.length; limb++) {
      const at = limb * ring.limbBytes;
      residues.permuteResidues(out + at, source + at, index, ring.degree);
    }
    return evaluationPolynomial(ring, readBlock(ring, out));
  });
}

/** The polynomial whose coefficients are these integers modulo q. */
export function fromIntegers(ring: Ring, coefficients: readonly bigint[]): CoefficientPolynomial {
  if (coefficients.length !== ring.degree) {
    throw new ParameterError(`${coefficients.length} coefficients given, the ring has degree ${ring.degree}`);
  }
  const residues = new Uint32Array(ring.degree * ring.moduli.length);
  ring.moduli.forEach(({ q }, limb) => {
    const big = BigInt(q);
    for (let i = 0; i < ring.degree; i++) {
      const r = Number(coefficients[i] % big);
      residues[limb * ring.degree + i] = r < 0 ? r + q : r;
    }
  });
  return coefficientPolynomial(ring, residues);
}

/** Exact reconstruction by the Chinese remainder theorem: every coefficient in (−q/2, q/2]. */
export function toIntegers(p: CoefficientPolynomial): bigint[] {
  const { ring, residues } = p;
  const q = modulusOf(ring);
  const weights = ring.moduli.map((m) => {
    const rest = q / BigInt(m.q);
    return rest * BigInt(invertModulo(Number(rest % BigInt(m.q)), m.q));
  });
  return Array.from({ length: ring.degree }, (_, i) => {
    let sum = 0n;
    for (let limb = 0; limb < weights.length; limb++) sum += weights[limb] * BigInt(residues[limb * ring.degree + i]);
    const x = sum % q;
    return 2n * x > q ? x - q : x;
  });
}
