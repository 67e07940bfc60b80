import { createHash } from 'node:crypto';
import { nodePrimitives } from '@sumus/platform/node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hexOf } from '../canonical/index.ts';
import { ParameterError } from '../errors.ts';
import { flipped } from '../seeded-members.contract.ts';
import {
  append,
  EMPTY_TREE,
  isConsistent,
  isIncluded,
  type MerkleTree,
  proveConsistency,
  proveInclusion,
  rootOf,
  treeOf,
} from './index.ts';
import { largestPowerBelow } from './merkle.ts';

fc.configureGlobal({ seed: 20_261_120 });

const primitives = nodePrimitives();
const MOST = 40;
const leaves = Array.from({ length: MOST }, (_, i) => Uint8Array.of(i, i * 7));
const tree = treeOf(primitives, leaves);

/** MTH(D) of RFC 6962 section 2.1, word for word. */
function naiveRoot(data: readonly Uint8Array[]): Buffer {
  const sha256 = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
  if (data.length === 0) return sha256();
  if (data.length === 1) return sha256(Uint8Array.of(0), data[0]!);
  const k = largestPowerBelow(data.length);
  return sha256(Uint8Array.of(1), naiveRoot(data.slice(0, k)), naiveRoot(data.slice(k)));
}

/** PATH(m, D[n]) of section 2.1.1. */
function naivePath(m: number, data: readonly Uint8Array[]): Buffer[] {
  if (data.length === 1) return [];
  const k = largestPowerBelow(data.length);
  return m < k
    ? [...naivePath(m, data.slice(0, k)), naiveRoot(data.slice(k))]
    : [...naivePath(m - k, data.slice(k)), naiveRoot(data.slice(0, k))];
}

/** SUBPROOF(m, D[n], b) of section 2.1.2. */
function naiveSubproof(m: number, data: readonly Uint8Array[], isWhole: boolean): Buffer[] {
  if (m === data.length) return isWhole ? [] : [naiveRoot(data)];
  const k = largestPowerBelow(data.length);
  return m <= k
    ? [...naiveSubproof(m, data.slice(0, k), isWhole), naiveRoot(data.slice(k))]
    : [...naiveSubproof(m - k, data.slice(k), false), naiveRoot(data.slice(0, k))];
}

const hexes = (path: readonly Uint8Array[]): string[] => path.map(hexOf);

describe('the Merkle tree of the log', () => {
  it('has the roots of the eight leaves that logs of Certificate Transparency are tested with', () => {
    const known = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
    const eight = treeOf(
      primitives,
      known.map((hex) => new Uint8Array(Buffer.from(hex, 'hex'))),
    );
    const roots = [1, 2, 3, 8].map((size) => hexOf(rootOf(primitives, eight, size)));
    expect(roots).toEqual([
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ]);
  });

  it('has the roots and proofs of the definitions, for every size', () => {
    for (let size = 0; size <= MOST; size++) {
      const data = leaves.slice(0, size);
      expect(hexOf(rootOf(primitives, tree, size))).toBe(naiveRoot(data).toString('hex'));
      for (let m = 0; m < size; m++) {
        expect(hexes(proveInclusion(primitives, tree, m, size))).toEqual(hexes(naivePath(m, data)));
        if (m > 0)
          expect(hexes(proveConsistency(primitives, tree, m, size))).toEqual(hexes(naiveSubproof(m, data, true)));
      }
    }
  });

  it('is the same tree whether leaves come one by one or all at once, and appending leaves the old one alone', () => {
    let grown: MerkleTree = EMPTY_TREE;
    for (const [i, leaf] of leaves.entries()) {
      const before = grown;
      const rootBefore = rootOf(primitives, before);
      grown = append(primitives, before, [leaf]);
      expect(hexOf(rootOf(primitives, grown))).toBe(hexOf(rootOf(primitives, tree, i + 1)));
      expect(rootOf(primitives, before)).toEqual(rootBefore);
    }
    expect(grown).toEqual(tree);
  });

  it('does not take a node for a leaf (second preimages)', () => {
    const two = treeOf(primitives, leaves.slice(0, 2));
    const [left, right] = two.levels[0]!;
    const forged = treeOf(primitives, [new Uint8Array(Buffer.concat([left!, right!]))]);
    expect(rootOf(primitives, forged)).not.toEqual(rootOf(primitives, two));
  });

  it.each([
    [-1, 3],
    [3, 3],
    [0, MOST + 1],
    [0.5, 3],
  ])('refuses to prove leaf %d of %d', (index, size) => {
    expect(() => proveInclusion(primitives, tree, index, size)).toThrow(ParameterError);
  });
});

const inclusion = (index: number, size: number) => ({
  leaf: leaves[index]!,
  index,
  size,
  root: rootOf(primitives, tree, size),
  path: proveInclusion(primitives, tree, index, size),
});

const consistency = (earlier: number, later: number) => ({
  earlier: { size: earlier, root: rootOf(primitives, tree, earlier) },
  later: { size: later, root: rootOf(primitives, tree, later) },
  path: proveConsistency(primitives, tree, earlier, later),
});

describe('a proof of inclusion', () => {
  it('is accepted for every leaf of every size, and for no other place', () => {
    for (let size = 1; size <= 20; size++) {
      for (let index = 0; index < size; index++) {
        const proof = inclusion(index, size);
        expect(isIncluded(primitives, proof)).toBe(true);
        for (let other = 0; other < size; other++) {
          if (other !== index) expect(isIncluded(primitives, { ...proof, index: other })).toBe(false);
        }
      }
    }
  });

  it('is refused for a tree that is smaller than its path is long', () => {
    expect(isIncluded(primitives, { ...inclusion(1, 2), index: 0, size: 1 })).toBe(false);
    expect(isIncluded(primitives, { ...inclusion(3, 4), index: 1, size: 2 })).toBe(false);
  });

  it('is refused when anything of it is changed, cut or longer', () => {
    const proof = inclusion(11, 20);
    const { path } = proof;
    const wrong = [
      { leaf: leaves[12]! },
      { leaf: new Uint8Array(0) },
      { root: flipped(proof.root, 0) },
      { index: -1 },
      { index: 20 },
      { index: 11.5 },
      { size: 11 },
      { size: Number.NaN },
      { path: [] },
      { path: path.slice(1) },
      { path: path.slice(0, -1) },
      { path: [...path, path[0]!] },
      { path: [...path].reverse() },
      { path: path.map((hash, i) => (i === 2 ? flipped(hash, 31) : hash)) },
      { path: path.map((hash, i) => (i === 2 ? hash.subarray(0, 31) : hash)) },
    ];
    for (const part of wrong) expect(isIncluded(primitives, { ...proof, ...part })).toBe(false);
  });
});

describe('a proof of consistency', () => {
  it('is accepted for every pair of sizes', () => {
    for (let later = 0; later <= MOST; later++) {
      for (let earlier = 0; earlier <= later; earlier++) {
        expect(isConsistent(primitives, consistency(earlier, later))).toBe(true);
      }
    }
  });

  it('is refused when a leaf of the earlier tree was changed, whatever proof comes along', () => {
    for (const [earlier, later] of [
      [1, 2],
      [3, 7],
      [8, 9],
      [12, 20],
      [16, 20],
    ] as const) {
      for (let at = 0; at < earlier; at++) {
        const rewritten = treeOf(
          primitives,
          leaves.slice(0, later).map((leaf, i) => (i === at ? Uint8Array.of(255) : leaf)),
        );
        const claim = {
          ...consistency(earlier, later),
          later: { size: later, root: rootOf(primitives, rewritten) },
        };
        for (const path of [claim.path, proveConsistency(primitives, rewritten, earlier, later)]) {
          expect(isConsistent(primitives, { ...claim, path })).toBe(false);
        }
      }
    }
  });

  it('is refused when anything of it is changed, cut or longer, or the tree shrinks', () => {
    const proof = consistency(11, 20);
    const { earlier, later, path } = proof;
    const wrong = [
      { path: [] },
      { path: path.slice(1) },
      { path: path.slice(0, -1) },
      { path: [...path, path[0]!] },
      { path: path.map((hash, i) => (i === 1 ? flipped(hash, 0) : hash)) },
      { earlier: later, later: earlier },
      { earlier: { ...earlier, size: 10 } },
      { earlier: { ...earlier, size: 0 } },
      { earlier: { ...earlier, size: 20 } },
      { earlier: { ...earlier, size: Number.NaN } },
    ];
    expect(wrong.map((part) => isConsistent(primitives, { ...proof, ...part }))).toEqual(wrong.map(() => false));
    expect(isConsistent(primitives, { ...consistency(20, 20), later: { size: 20, root: earlier.root } })).toBe(false);
    expect(isConsistent(primitives, { ...consistency(0, 20), earlier: { size: 0, root: earlier.root } })).toBe(false);
  });

  it('made of random hashes is never accepted, and never runs away', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(fc.nat(2 ** 31), fc.maxSafeNat(), fc.array(hash, { maxLength: 70 }), hash, (a, b, path, root) => {
        const earlier = { size: 1 + Math.min(a, b), root };
        const later = { size: 2 + Math.max(a, b), root: flipped(root, 3) };
        expect(isConsistent(primitives, { earlier, later, path })).toBe(false);
        expect(isIncluded(primitives, { leaf: root, index: earlier.size, size: later.size, root, path })).toBe(false);
      }),
      { numRuns: 100 },
    );
  });
});
