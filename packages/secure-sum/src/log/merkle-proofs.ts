// Checking what merkle.ts proves, by the two loops of RFC 9162 sections 2.1.3.2 and 2.1.4.2. Proofs come from whoever keeps the
// log: a wrong, short or overlong one is simply false. A root does not say how many leaves it has (one proof can fit several
// sizes), so a size comes from where it was signed beside its root: a tree head, or a roster's root.
// Halving is by division: sizes go beyond 32 bits.

import { sameBytes } from '../canonical/index.ts';
import { HASH_BYTES, type Hashing } from '../primitives.ts';
import { leafHash, nodeHash } from './merkle.ts';

const isOdd = (n: number): boolean => n % 2 === 1;
const half = (n: number): number => Math.floor(n / 2);
const isSize = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;

export interface Inclusion {
  /** The leaf's bytes. */
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly path: readonly Uint8Array[];
}

export function isIncluded(primitives: Hashing, { leaf, index, size, root, path }: Inclusion): boolean {
  if (!isSize(index) || !isSize(size) || index >= size || path.some((hash) => hash.length !== HASH_BYTES)) return false;
  // The node on the way up, and the last node of its level.
  let [node, last] = [index, size - 1];
  let hash = leafHash(primitives, leaf);
  for (const sibling of path) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      hash = nodeHash(primitives, sibling, hash);
      // A node without a right sibling moves up unchanged until it has a left one.
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      hash = nodeHash(primitives, hash, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && sameBytes(hash, root);
}

export interface Consistency {
  readonly earlier: { readonly size: number; readonly root: Uint8Array };
  readonly later: { readonly size: number; readonly root: Uint8Array };
  readonly path: readonly Uint8Array[];
}

/** Whether the later tree has the earlier one as its beginning. The empty tree is the beginning of every tree. */
export function isConsistent(primitives: Hashing, { earlier, later, path }: Consistency): boolean {
  if (!isSize(earlier.size) || !isSize(later.size) || earlier.size > later.size) return false;
  if (path.some((hash) => hash.length !== HASH_BYTES)) return false;
  if (earlier.size === 0) return path.length === 0 && sameBytes(earlier.root, primitives.sha256());
  if (earlier.size === later.size) return path.length === 0 && sameBytes(earlier.root, later.root);
  // A whole power of two is a node of the later tree: the verifier has it already.
  const rest = isPowerOfTwo(earlier.size) ? [earlier.root, ...path] : [...path];
  const first = rest.shift();
  if (first === undefined) return false;
  let [node, last] = [earlier.size - 1, later.size - 1];
  while (isOdd(node)) [node, last] = [half(node), half(last)];
  let [before, after] = [first, first];
  for (const hash of rest) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      before = nodeHash(primitives, hash, before);
      after = nodeHash(primitives, hash, after);
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      after = nodeHash(primitives, after, hash);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && sameBytes(before, earlier.root) && sameBytes(after, later.root);
}

function isPowerOfTwo(n: number): boolean {
  let rest = n;
  while (rest > 1 && !isOdd(rest)) rest = half(rest);
  return rest === 1;
}
