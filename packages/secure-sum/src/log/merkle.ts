// Merkle trees of the log (RFC 6962 section 2.1): the hash of leaf d is SHA-256(0x00 ‖ d), of a node SHA-256(0x01 ‖ left ‖ right),
// of the empty tree SHA-256(""); a tree of n > 1 leaves is split at the largest power of two below n. The prefixes keep a node
// from being passed off as a leaf. Proofs are made and checked here; who signs roots is in tree-head.ts.
//
// A tree is a value: append() answers with the next. Whole subtrees are kept by level, so a leaf costs one or two hashes,
// and a root or a proof O(log n).

import { ParameterError } from '../errors.ts';
import type { Hashing } from '../primitives.ts';

/** levels[h][i] is the root of leaves [i·2^h, (i+1)·2^h), for every such range that is full. */
export interface MerkleTree {
  readonly size: number;
  readonly levels: readonly (readonly Uint8Array[])[];
}

export const EMPTY_TREE: MerkleTree = Object.freeze({ size: 0, levels: [] });

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export const leafHash = (primitives: Hashing, leaf: Uint8Array): Uint8Array => primitives.sha256(LEAF, leaf);

export const nodeHash = (primitives: Hashing, left: Uint8Array, right: Uint8Array): Uint8Array =>
  primitives.sha256(NODE, left, right);

/** The tree with these leaves (their bytes, not their hashes) behind the present ones. */
export function append(primitives: Hashing, tree: MerkleTree, leaves: readonly Uint8Array[]): MerkleTree {
  const levels = tree.levels.map((level) => [...level]);
  for (const leaf of leaves) {
    let hash = leafHash(primitives, leaf);
    for (let height = 0; ; height++) {
      levels[height] ??= [];
      const level = levels[height]!;
      level.push(hash);
      if (level.length % 2 === 1) break;
      hash = nodeHash(primitives, level.at(-2)!, level.at(-1)!);
    }
  }
  return Object.freeze({ size: tree.size + leaves.length, levels });
}

export const treeOf = (primitives: Hashing, leaves: readonly Uint8Array[]): MerkleTree =>
  append(primitives, EMPTY_TREE, leaves);

/** The root of the first `size` leaves; without `size`, of all. */
export function rootOf(primitives: Hashing, tree: MerkleTree, size: number = tree.size): Uint8Array {
  requireIndex('a tree size', size, tree.size);
  return size === 0 ? primitives.sha256() : rangeRoot(primitives, tree, 0, size);
}

/** Proves that leaf `index` is in the tree of the first `size`: PATH(index, D[size]) of RFC 6962 section 2.1.1, from the leaf up. */
export function proveInclusion(
  primitives: Hashing,
  tree: MerkleTree,
  index: number,
  size: number = tree.size,
): Uint8Array[] {
  requireIndex('a tree size', size, tree.size);
  requireIndex('a leaf index', index, size - 1);
  const path: Uint8Array[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + largestPowerBelow(end - start);
    if (index < middle) {
      path.push(rangeRoot(primitives, tree, middle, end));
      end = middle;
    } else {
      path.push(rangeRoot(primitives, tree, start, middle));
      start = middle;
    }
  }
  return path.reverse();
}

/** Proves that the tree of the first `size` leaves is a beginning of that of `later`: PROOF(size, D[later]) of section 2.1.2. */
export function proveConsistency(
  primitives: Hashing,
  tree: MerkleTree,
  size: number,
  later: number = tree.size,
): Uint8Array[] {
  requireIndex('a tree size', later, tree.size);
  requireIndex('an earlier tree size', size, later);
  if (size === 0 || size === later) return [];
  const path: Uint8Array[] = [];
  let [start, end] = [0, later];
  // Down to the subtree that ends where the earlier tree ends.
  while (size !== end) {
    const middle = start + largestPowerBelow(end - start);
    if (size <= middle) {
      path.push(rangeRoot(primitives, tree, middle, end));
      end = middle;
    } else {
      path.push(rangeRoot(primitives, tree, start, middle));
      start = middle;
    }
  }
  // The verifier has that subtree's root itself when it is the whole earlier tree.
  if (start !== 0) path.push(rangeRoot(primitives, tree, start, end));
  return path.reverse();
}

/** The root of leaves [start, end), where start is a multiple of the largest power of two below or at end − start. */
function rangeRoot(primitives: Hashing, tree: MerkleTree, start: number, end: number): Uint8Array {
  const count = end - start;
  const height = Math.log2(count);
  if (Number.isInteger(height)) return tree.levels[height]![start / count]!;
  const middle = start + largestPowerBelow(count);
  return nodeHash(primitives, rangeRoot(primitives, tree, start, middle), rangeRoot(primitives, tree, middle, end));
}

/** The largest power of two below n > 1. */
export function largestPowerBelow(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

function requireIndex(what: string, value: number, highest: number): void {
  if (!Number.isSafeInteger(value) || value < 0 || value > highest) {
    throw new ParameterError(`${what} is ${value}, not in [0, ${highest}]`);
  }
}
