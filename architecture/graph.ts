// Two questions to a directed graph: does it have cycles, and by which path does one node reach another.

export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

export function graphOf(edges: Iterable<readonly [string, string]>): Graph {
  const graph = new Map<string, Set<string>>();
  for (const [from, to] of edges) {
    const targets = graph.get(from) ?? new Set<string>();
    targets.add(to);
    graph.set(from, targets);
  }
  return graph;
}

/** One cycle for each node that a depth-first walk finds its way back to, as the path from the node round to itself. */
export function cyclesOf(graph: Graph): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): void => {
    const seenAt = path.indexOf(node);
    if (seenAt >= 0) {
      cycles.push([...path.slice(seenAt), node]);
      return;
    }
    if (done.has(node)) return;
    path.push(node);
    for (const next of graph.get(node) ?? []) visit(next);
    path.pop();
    done.add(node);
  };
  for (const node of graph.keys()) visit(node);
  return cycles;
}

/** Shortest paths from any start to every node that can be reached, the starts included. */
export function pathsFrom(graph: Graph, starts: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const paths = new Map<string, readonly string[]>();
  const queue: string[] = [];
  for (const start of starts) {
    paths.set(start, [start]);
    queue.push(start);
  }
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    const here = paths.get(node) ?? [];
    for (const next of graph.get(node) ?? []) {
      if (paths.has(next)) continue;
      paths.set(next, [...here, next]);
      queue.push(next);
    }
  }
  return paths;
}
