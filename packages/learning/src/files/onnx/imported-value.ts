// What an importer knows of a value in the graph, and what every node asks of its inputs.

import { MalformedMessage } from '../../errors.ts';
import type { LayerSpec } from '../../model/layer-spec.ts';
import { describeLayer, type Shape } from '../../model/shapes.ts';
import { shortest } from './attributes.ts';
import { type Chain, extend } from './chain.ts';
import { type OnnxNode, type OnnxTensor, shownNode } from './graph.ts';
import type { ImageSize } from './layout.ts';

/** How the graph's value relates to ours. `pooled` has two more dimensions of one; `flattened` was flattened channels first. */
export type Order =
  | { readonly kind: 'rows' | 'channelsFirst' | 'pooled' }
  | { readonly kind: 'flattened'; readonly image: ImageSize };

export interface ImportedValue {
  readonly chain: Chain;
  readonly shape: Shape;
  readonly order: Order;
  readonly isTokens: boolean;
  readonly isSoftmaxed: boolean;
  /** A polynomial in the making: Σ coefficients[i]·baseⁱ; the chain does not hold it yet. */
  readonly polynomial: { readonly base: ImportedValue; readonly coefficients: readonly number[] } | undefined;
}

export interface Known {
  readonly values: ReadonlyMap<string, ImportedValue>;
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  readonly opset: number;
}

export const ROWS: Order = { kind: 'rows' };

/** The value with its polynomial made a layer, in our order; refuses what is in another. */
export function inOurOrder(value: ImportedValue, where: string): ImportedValue {
  const settledValue = withPolynomial(value);
  if (settledValue.isTokens) throw new MalformedMessage(`${where} is integers`);
  const { order } = settledValue;
  if (order.kind !== 'rows') throw new MalformedMessage(`${where} is not in the order rows, columns, channels`);
  return settledValue;
}

export const refusal = (node: OnnxNode, why: string): MalformedMessage =>
  new MalformedMessage(`${shownNode(node)}: ${why}`);

export function layer(value: ImportedValue, spec: LayerSpec, weights: readonly Float32Array[] = []): ImportedValue {
  const { output } = describeLayer(spec, value.shape, `${value.chain.length}`);
  return { ...value, chain: extend(value.chain, spec, weights), shape: output };
}

/** A value's polynomial becomes a layer once, so that two uses of the value are of the same layer. */
const settledValues = new WeakMap<ImportedValue, ImportedValue>();

export function withPolynomial(value: ImportedValue): ImportedValue {
  if (value.polynomial === undefined) return value;
  const known = settledValues.get(value);
  if (known !== undefined) return known;
  const { base, coefficients } = value.polynomial;
  const made = layer(base, { kind: 'polynomial', coefficients });
  settledValues.set(value, made);
  return made;
}

/** A value that a layer may follow. */
export function settled(value: ImportedValue, node: OnnxNode): ImportedValue {
  if (value.isTokens) throw refusal(node, 'its input is integers');
  if (value.isSoftmaxed) throw refusal(node, 'it follows a softmax');
  return withPolynomial(value);
}

export function inOrder(value: ImportedValue, node: OnnxNode, kind: 'rows' | 'channelsFirst'): ImportedValue {
  if (value.order.kind !== kind) throw refusal(node, `its input's order is ${value.order.kind}, not ${kind}`);
  return value;
}

export function valueAt(node: OnnxNode, known: Known, index: number): ImportedValue {
  const value = known.values.get(node.inputs[index]);
  if (value === undefined) throw refusal(node, `its input ${index} is a constant`);
  return value;
}

export function constantAt(node: OnnxNode, known: Known, index: number): OnnxTensor {
  const tensor = known.constants.get(node.inputs[index]);
  if (tensor === undefined) throw refusal(node, `its input ${index} is no constant`);
  return tensor;
}

export function floatsAt(
  node: OnnxNode,
  known: Known,
  index: number,
  shapes: readonly (readonly number[])[],
): Float32Array {
  const tensor = constantAt(node, known, index);
  if (tensor.elementType !== 'float32') throw refusal(node, `its input ${index} is no float32`);
  if (!shapes.some((shape) => `${shape}` === `${tensor.shape}`)) {
    throw refusal(node, `its input ${index} has shape [${tensor.shape}], not [${shapes[0]}]`);
  }
  return tensor.data;
}

export function scalarAt(node: OnnxNode, known: Known, index: number): number {
  return shortest(floatsAt(node, known, index, [[], [1]])[0]);
}
