// One node of a graph as a layer of ours: what its operator, attributes and constants must be for that, and the order of its value.

import { MalformedMessage } from '../../errors.ts';
import type { LayerSpec } from '../../model/layer-spec.ts';
import { convolutionExtent, type Shape } from '../../model/shapes.ts';
import { floatOf, integerOf, integersOf, requireOneOf, textOf } from './attributes.ts';
import { type OnnxNode, shownNode } from './graph.ts';
import { product, sum } from './import-arithmetic.ts';
import {
  constantAt,
  floatsAt,
  type ImportedValue,
  inOrder,
  inOurOrder,
  type Known,
  layer,
  ROWS,
  refusal,
  scalarAt,
  settled,
  valueAt,
} from './imported-value.ts';
import { channelsLast, convolutionWeights, denseRows, type ImageSize } from './layout.ts';

export function importNode(node: OnnxNode, known: Known): ImportedValue {
  const at = (index: number): ImportedValue => valueAt(node, known, index);
  const plain = (): ImportedValue => settled(at(0), node);
  switch (node.operator) {
    case 'Identity':
      return at(0);
    case 'Relu':
      return layer(plain(), { kind: 'relu' });
    case 'Tanh':
      return layer(plain(), { kind: 'tanh' });
    case 'Sigmoid':
      return layer(plain(), { kind: 'sigmoid' });
    case 'Softplus':
      return layer(plain(), { kind: 'softplus' });
    case 'Gelu':
      requireOneOf(node, 'approximate', textOf(node, 'approximate', 'none'), ['tanh']);
      return layer(plain(), { kind: 'gelu' });
    case 'LeakyRelu':
      return layer(plain(), { kind: 'leakyRelu', slope: floatOf(node, 'alpha', 0.01) });
    case 'Dropout':
      if ((node.inputs[2] ?? '') !== '') throw refusal(node, 'a training mode is not read');
      return layer(plain(), { kind: 'dropout', rate: (node.inputs[1] ?? '') === '' ? 0.5 : scalarAt(node, known, 1) });
    case 'Flatten':
      requireOneOf(node, 'axis', integerOf(node, 'axis', 1), [1]);
      return flattened(plain());
    case 'Reshape':
      return reshaped(node, known, plain());
    case 'Transpose':
      return transposed(node, plain());
    case 'Gemm':
    case 'MatMul':
      return dense(node, known, plain());
    case 'Conv':
      return convolution(node, known, inOrder(plain(), node, 'channelsFirst'));
    case 'MaxPool':
    case 'AveragePool':
      return pooling(node, inOrder(plain(), node, 'channelsFirst'));
    case 'GlobalAveragePool': {
      const pooled = layer(inOrder(plain(), node, 'channelsFirst'), { kind: 'globalAveragePool' });
      return { ...pooled, order: { kind: 'pooled' } };
    }
    case 'GroupNormalization': {
      if (known.opset < 21) throw refusal(node, 'before opset 21 its gains are a group each');
      requireOneOf(node, 'stash_type', integerOf(node, 'stash_type', 1), [1]);
      const groups = integerOf(node, 'num_groups', 0);
      const spec: LayerSpec = { kind: 'groupNorm', groups, epsilon: floatOf(node, 'epsilon', 1e-5) };
      const input = inOrder(plain(), node, 'channelsFirst');
      const shape = [input.shape[2]];
      return layer(input, spec, [floatsAt(node, known, 1, [shape]), floatsAt(node, known, 2, [shape])]);
    }
    case 'LayerNormalization':
      return layerNormalisation(node, known, plain());
    case 'Gather': {
      requireOneOf(node, 'axis', integerOf(node, 'axis', 0), [0]);
      const tokens = at(1);
      if (!tokens.isTokens) throw refusal(node, 'its indices are no integers');
      const table = constantAt(node, known, 0);
      const [vocabulary = 0, width = 0] = table.shape;
      const weights = floatsAt(node, known, 0, [[vocabulary, width]]);
      return layer({ ...tokens, isTokens: false }, { kind: 'embedding', vocabulary, width }, [weights]);
    }
    case 'Cast': {
      const to = integerOf(node, 'to', 0);
      requireOneOf(node, 'to', to, [1, 7]);
      const value = at(0);
      // To integers: only of what was handed in, since a layer's numbers would be cut.
      if (to === 7 && (value.chain.length > 0 || value.polynomial !== undefined))
        throw refusal(node, 'only inputs are cast');
      return { ...value, isTokens: to === 7 };
    }
    case 'Mul':
      return product(node, known);
    case 'Add':
      return sum(node, known);
    case 'Softmax': {
      const value = inOurOrder(plain(), shownNode(node));
      requireOneOf(node, 'axis', integerOf(node, 'axis', -1), value.shape.length === 1 ? [-1, 1] : [-1]);
      return { ...value, isSoftmaxed: true };
    }
    default:
      throw new MalformedMessage(`the operator ${JSON.stringify(node.operator)} is no layer here`);
  }
}

const imageOf = ([rows, columns, channels]: Shape): ImageSize => ({ rows, columns, channels });

function flattened(value: ImportedValue): ImportedValue {
  if (value.order.kind === 'pooled') return { ...value, order: ROWS };
  if (value.shape.length === 1) return value;
  const flat = layer(value, { kind: 'flatten' });
  if (value.order.kind !== 'channelsFirst') return flat;
  const image = imageOf(value.shape);
  const isSame = image.channels === 1 || image.rows * image.columns === 1;
  return { ...flat, order: isSame ? ROWS : { kind: 'flattened', image } };
}

function reshaped(node: OnnxNode, known: Known, value: ImportedValue): ImportedValue {
  const target = constantAt(node, known, 1);
  const size = value.shape.reduce((a, b) => a * b, 1);
  const [batch, features] = target.data;
  // 0 keeps the batch (unless zeros are allowed), -1 is what is left; both together, or the size itself, flatten.
  const isFlat = target.elementType === 'int64' && target.data.length === 2;
  const isZeroBatch = batch === 0 && integerOf(node, 'allowzero', 0) === 0;
  const isKept = (isZeroBatch && (features === -1 || features === size)) || (batch === -1 && features === size);
  if (!isFlat || !isKept)
    throw refusal(node, `a shape [${target.data.slice(0, 8)}] is not read; [0, -1] and [-1, ${size}] are`);
  return flattened(value);
}

function transposed(node: OnnxNode, value: ImportedValue): ImportedValue {
  const permutation = integersOf(node, 'perm', []);
  const isForth = value.order.kind === 'rows' && `${permutation}` === '0,3,1,2';
  const isBack = value.order.kind === 'channelsFirst' && `${permutation}` === '0,2,3,1';
  if (value.shape.length !== 3 || !(isForth || isBack)) throw refusal(node, `perm [${permutation}] is not read here`);
  return { ...value, order: isForth ? { kind: 'channelsFirst' } : ROWS };
}

function dense(node: OnnxNode, known: Known, value: ImportedValue): ImportedValue {
  if (value.shape.length !== 1 || value.order.kind === 'pooled') throw refusal(node, 'its input is no row of features');
  const [features] = value.shape;
  for (const [name, standard] of [
    ['alpha', 1],
    ['beta', 1],
  ] as const) {
    requireOneOf(node, name, floatOf(node, name, standard), [1]);
  }
  requireOneOf(node, 'transA', integerOf(node, 'transA', 0), [0]);
  const isTransposed = integerOf(node, 'transB', 0) !== 0;
  const { shape } = constantAt(node, known, 1);
  const units = shape[isTransposed ? 0 : 1] ?? 0;
  const given = floatsAt(node, known, 1, [isTransposed ? [units, features] : [features, units]]);
  const straight = isTransposed
    ? Float32Array.from({ length: given.length }, (_, i) => given[(i % units) * features + Math.floor(i / units)])
    : given;
  const { order } = value;
  const weights = order.kind === 'flattened' ? denseRows(straight, order.image, units) : straight;
  const hasBias = (node.inputs[2] ?? '') !== '';
  const bias = hasBias ? [floatsAt(node, known, 2, [[units], [1, units]])] : [];
  return { ...layer(value, { kind: 'dense', units, bias: hasBias }, [weights, ...bias]), order: ROWS };
}

function convolution(node: OnnxNode, known: Known, value: ImportedValue): ImportedValue {
  const [filters = 0, own = 0, kernel = 0] = constantAt(node, known, 1).shape;
  const given = floatsAt(node, known, 1, [[filters, own, kernel, kernel]]);
  const groups = integerOf(node, 'group', 1);
  const step = squareWindow(node, kernel);
  const [rows, columns, channels] = value.shape;
  if (own * groups !== channels) throw refusal(node, `${own} channels in ${groups} groups do not make ${channels}`);
  const hasBias = (node.inputs[2] ?? '') !== '';
  const base = { kind: 'conv2d', filters, kernel, step, groups, bias: hasBias } as const;
  const [top, left, bottom, right] = integersOf(node, 'pads', [0, 0, 0, 0]);
  const same = [
    convolutionExtent(rows, { ...base, padding: 'same' }),
    convolutionExtent(columns, { ...base, padding: 'same' }),
  ];
  const isEven = top === left && top === bottom && top === right;
  const isSame =
    same[0].before === top && same[0].after === bottom && same[1].before === left && same[1].after === right;
  if (!isEven && !isSame) throw refusal(node, `pads [${[top, left, bottom, right]}] are not read`);
  const weights = convolutionWeights(given, { kernel, channels: own, filters }, 'onnx');
  const bias = hasBias ? [floatsAt(node, known, 2, [[filters]])] : [];
  return layer(value, { ...base, padding: isEven ? top : 'same' }, [weights, ...bias]);
}

function pooling(node: OnnxNode, value: ImportedValue): ImportedValue {
  const [window = 0] = integersOf(node, 'kernel_shape', []);
  const step = squareWindow(node, window);
  requireOneOf(node, 'pads', integersOf(node, 'pads', [0, 0, 0, 0]), [[0, 0, 0, 0]]);
  requireOneOf(node, 'ceil_mode', integerOf(node, 'ceil_mode', 0), [0]);
  return layer(value, { kind: node.operator === 'MaxPool' ? 'maxPool' : 'averagePool', window, step });
}

/** The step of a square window without dilation. */
function squareWindow(node: OnnxNode, kernel: number): number {
  requireOneOf(node, 'kernel_shape', integersOf(node, 'kernel_shape', [kernel, kernel]), [[kernel, kernel]]);
  requireOneOf(node, 'dilations', integersOf(node, 'dilations', [1, 1]), [[1, 1]]);
  requireOneOf(node, 'auto_pad', textOf(node, 'auto_pad', 'NOTSET'), ['NOTSET']);
  const strides = integersOf(node, 'strides', [1, 1]);
  requireOneOf(node, 'strides', strides, [[strides[0], strides[0]]]);
  return strides[0];
}

function layerNormalisation(node: OnnxNode, known: Known, value: ImportedValue): ImportedValue {
  const { shape, order } = value;
  if (order.kind === 'pooled') throw refusal(node, 'flatten what was pooled first');
  const axis = integerOf(node, 'axis', -1);
  requireOneOf(node, 'axis', axis, [1, -shape.length]);
  requireOneOf(node, 'stash_type', integerOf(node, 'stash_type', 1), [1]);
  const isChannelsFirst = order.kind === 'channelsFirst';
  const inGraph = isChannelsFirst ? [shape[2], shape[0], shape[1]] : shape;
  const image = isChannelsFirst ? imageOf(shape) : order.kind === 'flattened' ? order.image : undefined;
  const ours = (data: Float32Array): Float32Array => (image === undefined ? data : channelsLast(data, image));
  const gain = ours(floatsAt(node, known, 1, [inGraph]));
  const hasBias = (node.inputs[2] ?? '') !== '';
  const bias = hasBias ? ours(floatsAt(node, known, 2, [inGraph])) : new Float32Array(gain.length);
  return layer(value, { kind: 'layerNorm', epsilon: floatOf(node, 'epsilon', 1e-5) }, [gain, bias]);
}
