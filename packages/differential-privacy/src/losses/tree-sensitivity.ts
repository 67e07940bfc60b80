// By how much one unit can move the node sums of a binary tree, squared: Σ over nodes of (its contributions below)².

/** A complete tree over so many leaves has every leaf under at most ⌈log2(n + 1)⌉ nodes (Kairouz et al. 2021, section 2). */
export function treeHeight(leafCount: number): number {
  return Math.ceil(Math.log2(leafCount + 1));
}

const searchLimit = 300_000;

/**
 * The largest Σ_nodes (contributions under it)² for up to `participations` leaves at least `separation` apart, over `leafCount` leaves
 * cut into complete binary trees from the left (the nodes that are ever released). Searched exactly while that is feasible: each leaf
 * may be taken as early as the last allows, or at the next start of an aligned block (moving a group of leaves left into the sibling
 * block keeps all that it shares). Beyond, a bound per level: so many contributions in blocks that hold at most so many each.
 */
export function treeSensitivitySquared(leafCount: number, participations: number, separation: number): number {
  const most = Math.min(participations, Math.floor((leafCount - 1) / separation) + 1);
  const levels = Math.floor(Math.log2(leafCount));
  if ((levels + 1) ** (most - 1) > searchLimit) return levelBound(leafCount, most, separation);
  let best = 0;
  const chosen: number[] = [];
  const search = (from: number, value: number): void => {
    best = Math.max(best, value);
    if (chosen.length === most) return;
    const candidates = new Set<number>();
    for (let level = 0; level <= levels; level += 1) candidates.add(Math.ceil(from / 2 ** level) * 2 ** level);
    for (const leaf of candidates) {
      if (leaf >= leafCount) continue;
      let gain = nodesOver(leafCount, leaf, leaf);
      for (const other of chosen) gain += 2 * nodesOver(leafCount, other, leaf);
      chosen.push(leaf);
      search(leaf + separation, value + gain);
      chosen.pop();
    }
  };
  search(0, 0);
  return best;
}

/** How many released nodes are above both leaves. */
export function nodesOver(leafCount: number, first: number, second: number): number {
  let count = 0;
  for (let size = 1; size <= leafCount; size *= 2) {
    const block = Math.floor(first / size);
    if (block === Math.floor(second / size) && (block + 1) * size <= leafCount) count += 1;
  }
  return count;
}

function levelBound(leafCount: number, most: number, separation: number): number {
  let total = 0;
  for (let size = 1; size <= leafCount; size *= 2) {
    const each = Math.min(most, Math.floor((size - 1) / separation) + 1);
    const blocks = Math.floor(leafCount / size);
    const full = Math.min(blocks, Math.floor(most / each));
    const rest = full < blocks ? most - full * each : 0;
    total += full * each * each + Math.min(rest, each) ** 2;
  }
  return total;
}
