// Operations on blocks: whole polynomials (all limbs of a ring, contiguous) at an address in the engine's memory. This is the
// layer schemes are written on: allocate scratch in a scope, load, compute in place, store. Nothing is checked here.

import type { Modulus, Scalar } from './modulus.ts';
import type { Form, Polynomial } from './polynomial.ts';
import type { Ring } from './ring.ts';

/** Scratch for one polynomial; inside a scope only. */
export function allocateBlock(ring: Ring): number {
  return ring.engine.memory.allocate(ring.blockBytes);
}

/** Copies a polynomial's residues into fresh scratch. */
export function loadBlock(polynomial: Polynomial<Form>): number {
  const address = allocateBlock(polynomial.ring);
  writeBlock(address, polynomial);
  return address;
}

export function writeBlock(address: number, { ring, residues }: Polynomial<Form>): void {
  ring.engine.memory.u32(address, residues.length).set(residues);
}

/** The residues at an address as an array of their own. */
export function readBlock(ring: Ring, address: number): Uint32Array<ArrayBuffer> {
  return ring.engine.memory.u32(address, ring.degree * ring.moduli.length).slice();
}

/** Calls work(limb, modulus, byte offset) for every prime of the ring. */
export function eachLimb(ring: Ring, work: (limb: number, m: Modulus, offset: number) => void): void {
  for (let limb = 0; limb < ring.moduli.length; limb++) work(limb, ring.moduli[limb], limb * ring.limbBytes);
}

export function forwardBlock(ring: Ring, address: number): void {
  const { ntt } = ring.engine;
  for (let limb = 0; limb < ring.moduli.length; limb++) {
    const t = ring.tables[limb];
    ntt.forwardNtt(address + limb * ring.limbBytes, t.roots, t.quotients, ring.degree, ring.moduli[limb].q);
  }
}

export function inverseBlock(ring: Ring, address: number): void {
  for (let limb = 0; limb < ring.moduli.length; limb++) inverseLimb(ring, limb, address + limb * ring.limbBytes);
}

/** The constants of an inverse transform's last layer: N^-1, or N^-1 times a factor that is to be multiplied in on the way. */
export interface InverseFactors {
  readonly scale: Scalar;
  readonly scaledRoot: Scalar;
}

/** The transforms of one limb alone. */
export function forwardLimb(ring: Ring, limb: number, address: number): void {
  const t = ring.tables[limb];
  ring.engine.ntt.forwardNtt(address, t.roots, t.quotients, ring.degree, ring.moduli[limb].q);
}

export function inverseLimb(ring: Ring, limb: number, address: number, factors?: InverseFactors): void {
  const t = ring.tables[limb];
  const { scale, scaledRoot } = factors ?? t;
  ring.engine.ntt.inverseNtt(
    address,
    t.inverseRoots,
    t.inverseQuotients,
    ring.degree,
    ring.moduli[limb].q,
    scale.value,
    scale.quotient,
    scaledRoot.value,
    scaledRoot.quotient,
  );
}

export function addBlock(ring: Ring, out: number, a: number, b: number): void {
  eachLimb(ring, (_, { q }, at) => ring.engine.residues.addResidues(out + at, a + at, b + at, ring.degree, q));
}

export function subtractBlock(ring: Ring, out: number, a: number, b: number): void {
  eachLimb(ring, (_, { q }, at) => ring.engine.residues.subtractResidues(out + at, a + at, b + at, ring.degree, q));
}

export function negateBlock(ring: Ring, out: number, a: number): void {
  eachLimb(ring, (_, { q }, at) => ring.engine.residues.negateResidues(out + at, a + at, ring.degree, q));
}

/** Pointwise product (both in evaluation form). */
export function multiplyBlock(ring: Ring, out: number, a: number, b: number): void {
  eachLimb(ring, (_, m, at) =>
    ring.engine.residues.multiplyResidues(out + at, a + at, b + at, ring.degree, m.q, m.barrettShift, m.barrettMu),
  );
}

/** out ← out + a·b, pointwise. */
export function multiplyAddBlock(ring: Ring, out: number, a: number, b: number): void {
  eachLimb(ring, (_, m, at) =>
    ring.engine.residues.multiplyAddResidues(out + at, a + at, b + at, ring.degree, m.q, m.barrettShift, m.barrettMu),
  );
}

/** out ← a·w, one scalar per prime. */
export function multiplyScalarBlock(ring: Ring, out: number, a: number, w: readonly Scalar[]): void {
  eachLimb(ring, (limb, { q }, at) =>
    ring.engine.residues.multiplyScalarResidues(out + at, a + at, ring.degree, q, w[limb].value, w[limb].quotient),
  );
}

/** out ← out + a·w, one scalar per prime. */
export function multiplyScalarAddBlock(ring: Ring, out: number, a: number, w: readonly Scalar[]): void {
  eachLimb(ring, (limb, { q }, at) =>
    ring.engine.residues.multiplyScalarAddResidues(out + at, a + at, ring.degree, q, w[limb].value, w[limb].quotient),
  );
}

/** Small signed integers (N int32 at `source`, |v| < every prime) → residues for every prime. */
export function signedToBlock(ring: Ring, out: number, source: number): void {
  eachLimb(ring, (_, { q }, at) => ring.engine.residues.residuesFromSigned(out + at, source, ring.degree, q));
}
