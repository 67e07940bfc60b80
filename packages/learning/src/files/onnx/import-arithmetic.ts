// Sums and products of a graph: squares, polynomials in Horner's scheme, biases behind products, ends of residual blocks.

import { extend, join } from './chain.ts';
import type { OnnxNode } from './graph.ts';
import {
  constantAt,
  floatsAt,
  type ImportedValue,
  type Known,
  layer,
  refusal,
  scalarAt,
  settled,
  valueAt,
} from './imported-value.ts';

const MOST_COEFFICIENTS = 64;

/** The index of the input that is a constant, or -1. */
const constantIndex = (node: OnnxNode, known: Known): number =>
  node.inputs.findIndex((name) => known.constants.has(name));

/** x·x, c·x, or one more power in Horner's scheme. */
export function product(node: OnnxNode, known: Known): ImportedValue {
  const index = constantIndex(node, known);
  if (index >= 0) {
    const base = settled(valueAt(node, known, 1 - index), node);
    return { ...base, polynomial: { base, coefficients: [0, scalarAt(node, known, index)] } };
  }
  const [a, b] = [valueAt(node, known, 0), valueAt(node, known, 1)];
  if (a === b) return layer(settled(a, node), { kind: 'square' });
  for (const [grown, other] of [
    [a, b],
    [b, a],
  ] as const) {
    if (grown.polynomial === undefined || grown.polynomial.base !== settled(other, node)) continue;
    const coefficients = [0, ...grown.polynomial.coefficients];
    if (coefficients.length > MOST_COEFFICIENTS)
      throw refusal(node, `it is of a degree above ${MOST_COEFFICIENTS - 1}`);
    return { ...grown, polynomial: { base: grown.polynomial.base, coefficients } };
  }
  throw refusal(node, 'a product of two different values is no layer here');
}

/** A bias behind a MatMul, a constant in Horner's scheme, or the end of a residual block. */
export function sum(node: OnnxNode, known: Known): ImportedValue {
  const index = constantIndex(node, known);
  if (index >= 0) {
    const value = valueAt(node, known, 1 - index);
    const { spec, parent, weights } = value.chain;
    const { shape } = constantAt(node, known, index);
    const isBias = value.polynomial === undefined && spec?.kind === 'dense' && spec.bias === false && shape.length > 0;
    if (isBias && parent !== undefined && !value.isSoftmaxed) {
      const bias = floatsAt(node, known, index, [[spec.units], [1, spec.units]]);
      return { ...value, chain: extend(parent, { ...spec, bias: true }, [...weights, bias]) };
    }
    const base = value.polynomial?.base ?? settled(value, node);
    const [lowest, ...higher] = value.polynomial?.coefficients ?? [0, 1];
    if (lowest !== 0) throw refusal(node, 'two constants in a row are not read');
    return { ...base, polynomial: { base, coefficients: [scalarAt(node, known, index), ...higher] } };
  }
  const [a, b] = [settled(valueAt(node, known, 0), node), settled(valueAt(node, known, 1), node)];
  if (JSON.stringify([a.order, a.shape]) !== JSON.stringify([b.order, b.shape])) {
    throw refusal(node, `its inputs differ: ${a.order.kind} [${a.shape}] and ${b.order.kind} [${b.shape}]`);
  }
  const chain = join(a.chain, b.chain);
  if (chain === undefined) throw refusal(node, 'a value added to itself is no layer here');
  return { ...a, chain };
}
