// Gauss–Legendre rules: nodes and weights on [-1, 1], exact for polynomials of degree 2n - 1.

export interface Rule {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
}

const rules = new Map<number, Rule>();

export function gaussLegendre(count: number): Rule {
  const known = rules.get(count);
  if (known !== undefined) return known;
  const nodes = new Float64Array(count);
  const weights = new Float64Array(count);
  for (let at = 0; at < count; at += 1) {
    // Newton's method on the Legendre polynomial from the classical guess; the derivative gives the weight.
    let x = Math.cos((Math.PI * (at + 0.75)) / (count + 0.5));
    let slope = 1;
    for (let round = 0; round < 50; round += 1) {
      let previous = 1;
      let value = x;
      for (let degree = 2; degree <= count; degree += 1) {
        [previous, value] = [value, ((2 * degree - 1) * x * value - (degree - 1) * previous) / degree];
      }
      if (count === 1) [previous, value] = [1, x];
      slope = (count * (x * value - previous)) / (x * x - 1);
      const change = value / slope;
      x -= change;
      if (Math.abs(change) < 1e-16) break;
    }
    nodes[count - 1 - at] = x;
    weights[count - 1 - at] = 2 / ((1 - x * x) * slope * slope);
  }
  const rule = { nodes, weights };
  rules.set(count, rule);
  return rule;
}
