import { describe, expect, it } from 'vitest';
import { seededFloats } from '../../engine/agreement.contract.ts';
import { wasmEngine } from '../../engine/engine-wasm.ts';
import { MalformedMessage } from '../../errors.ts';
import { type Architecture, architecture, canonicalJson, parameterCount } from '../../model/architecture.ts';
import { Network } from '../../network/network.ts';
import { samples, seededBatch } from '../../network/small-networks.contract.ts';
import { encodeOnnx } from './encode.ts';
import { exportOnnx } from './export.ts';
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from './graph.ts';
import { importOnnx } from './import.ts';
import { channelsFirst } from './layout.ts';
import { runOnnx } from './onnxruntime.contract.ts';

const COUNT = 3;
const engine = await wasmEngine();

function predict(model: Architecture, weights: Float32Array, inputs: Float32Array): Float32Array {
  const network = new Network(engine, model, { seed: 1, maxBatch: COUNT });
  network.setParameters(weights);
  return network.predict(inputs);
}

const int = (value: number): OnnxAttribute => ({ kind: 'int', value });
const ints = (...value: number[]): OnnxAttribute => ({ kind: 'ints', value });
const float = (value: number): OnnxAttribute => ({ kind: 'float', value });

const node = (
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, OnnxAttribute>> = {},
): OnnxNode => ({ name: output, operator, inputs, outputs: [output], attributes: new Map(Object.entries(attributes)) });

const floats = (name: string, shape: readonly number[], seed: number): OnnxTensor => ({
  name,
  shape,
  elementType: 'float32',
  data: seededFloats(
    shape.reduce((a, b) => a * b, 1),
    seed,
  ),
});

const graphOf = (
  input: OnnxValue['shape'],
  initializers: readonly OnnxTensor[],
  nodes: readonly OnnxNode[],
  output: string,
): OnnxGraph => ({
  name: 'test',
  opset: 21,
  nodes,
  initializers,
  inputs: [{ name: 'x', elementType: 'float32', shape: input }],
  outputs: [{ name: output, elementType: 'float32', shape: ['n', 'm'] }],
});

describe('an exported network comes back with the same outputs, bit by bit:', () => {
  it.each(samples.map((sample) => [sample.name, sample] as const))('%s', (_, sample) => {
    const { model } = sample;
    const weights = seededFloats(parameterCount(model), 5).map((value) => value / 2);
    const again = importOnnx(exportOnnx(model, weights));
    const { inputs } = seededBatch(sample, COUNT, 6);
    expect(again.isSoftmaxed).toBe(false);
    expect(predict(again.model, again.weights, inputs)).toEqual(predict(model, weights, inputs));
    // The same file again, so the same network: what differs can only be spelled differently in ours (padding, first weights).
    expect(exportOnnx(again.model, again.weights)).toEqual(exportOnnx(model, weights));
  });

  it('several polynomials, squares and blocks in a row', () => {
    const model = architecture({
      input: [4],
      layers: [
        { kind: 'polynomial', coefficients: [0.5, 0.25, -0.125] },
        { kind: 'polynomial', coefficients: [0.1, 0.2] },
        { kind: 'square' },
        {
          kind: 'residual',
          layers: [
            { kind: 'polynomial', coefficients: [0, 0.3, 0, 0.7] },
            { kind: 'residual', layers: [{ kind: 'dense', units: 4 }, { kind: 'square' }] },
          ],
        },
        { kind: 'dropout', rate: 0.25 },
        { kind: 'leakyRelu', slope: 0.1 },
      ],
    });
    const weights = seededFloats(parameterCount(model), 8);
    const again = importOnnx(exportOnnx(model, weights, { isSoftmaxAppended: true }));
    expect(again.isSoftmaxed).toBe(true);
    expect(again.weights).toEqual(weights);
    // Decimals survive as they were written, although files hold floats.
    expect(canonicalJson(again.model)).toBe(canonicalJson(model));
  });
});

describe('a file as other tools write it, channels first, is the network that onnxruntime runs:', () => {
  const image = { rows: 5, columns: 4, channels: 3 };
  const inputs = seededFloats(COUNT * 60, 1);
  const first = Float32Array.from(
    Array.from({ length: COUNT }, (_, i) => Array.from(channelsFirst(inputs.slice(60 * i, 60 * i + 60), image))).flat(),
  );
  const compare = async (graph: OnnxGraph): Promise<Architecture> => {
    const file = encodeOnnx(graph);
    const { model, weights } = importOnnx(file);
    const { data } = await runOnnx(file, first, [COUNT, 3, 5, 4]);
    const own = predict(model, weights, inputs);
    expect(own).toHaveLength(data.length);
    const worst = own.reduce((a, value, i) => Math.max(a, Math.abs(value - data[i])), 0);
    expect(worst).toBeLessThan(1e-5 * Math.max(1, ...data.map(Math.abs)));
    return model;
  };
  const conv = [floats('w', [4, 3, 3, 3], 2), floats('b', [4], 3)];
  const convNode = node('Conv', ['x', 'w', 'b'], 'c', {
    kernel_shape: ints(3, 3),
    pads: ints(1, 1, 1, 1),
    strides: ints(1, 1),
    dilations: ints(1, 1),
    group: int(1),
  });

  it('a convolution, a flatten, and a dense layer whose weights are transposed', async () => {
    const constants = [...conv, floats('v', [2, 80], 4), floats('d', [2], 5)];
    const nodes = [
      convNode,
      node('Relu', ['c'], 'r'),
      node('Flatten', ['r'], 'f', { axis: int(1) }),
      node('Gemm', ['f', 'v', 'd'], 'y', { alpha: float(1), beta: float(1), transB: int(1) }),
    ];
    const model = await compare(graphOf(['batch', 3, 5, 4], constants, nodes, 'y'));
    expect(model.layers.map(({ kind }) => kind)).toEqual(['conv2d', 'relu', 'flatten', 'dense']);
    expect(model.input).toEqual([5, 4, 3]);
  });

  it('a reshape to a constant of a node, activations and a normalisation between flatten and product, a bias apart', async () => {
    const shape: OnnxTensor = { name: '', shape: [2], elementType: 'int64', data: [-1, 80] };
    const constants = [
      ...conv,
      floats('g', [80], 6),
      floats('h', [80], 7),
      floats('v', [80, 2], 4),
      floats('d', [2], 5),
    ];
    const nodes = [
      convNode,
      node('Constant', [], 's', { value: { kind: 'tensor', value: shape } }),
      node('Reshape', ['c', 's'], 'f', { allowzero: int(1) }),
      node('LayerNormalization', ['f', 'g', 'h'], 'l'),
      node('Tanh', ['l'], 't'),
      node('MatMul', ['t', 'v'], 'm'),
      node('Add', ['d', 'm'], 'y'),
    ];
    const model = await compare(graphOf(['batch', 3, 5, 4], constants, nodes, 'y'));
    expect(model.layers.map(({ kind }) => kind)).toEqual(['conv2d', 'flatten', 'layerNorm', 'tanh', 'dense']);
  });

  it('an image that the graph itself puts channels last', async () => {
    const nodes = [
      node('Tanh', ['x'], 'h'),
      node('Transpose', ['h'], 't', { perm: ints(0, 2, 3, 1) }),
      node('Flatten', ['t'], 'f'),
      node('MatMul', ['f', 'v'], 'y'),
    ];
    const model = await compare(graphOf(['batch', 3, 5, 4], [floats('v', [60, 2], 4)], nodes, 'y'));
    expect(model.layers.map(({ kind }) => kind)).toEqual(['tanh', 'flatten', 'dense']);
  });

  it('normalisations of images, a block, pooling of all', async () => {
    const constants = [
      floats('a', [3, 5, 4], 6),
      floats('w', [3, 1, 3, 3], 2),
      floats('g', [3], 8),
      floats('h', [3], 9),
      floats('v', [3, 2], 4),
    ];
    const nodes = [
      node('LayerNormalization', ['x', 'a', ''], 'l', { axis: int(-3) }),
      node('Conv', ['l', 'w'], 'c', { pads: ints(1, 1, 1, 1), group: int(3) }),
      node('GroupNormalization', ['c', 'g', 'h'], 'n', { num_groups: int(1) }),
      node('Add', ['x', 'n'], 's'),
      node('GlobalAveragePool', ['s'], 'p'),
      node('Sigmoid', ['p'], 'i'),
      node('Flatten', ['i'], 'f'),
      node('MatMul', ['f', 'v'], 'y'),
    ];
    const model = await compare(
      graphOf(
        [1, 3, 5, 4].map((n, i) => (i === 0 ? 'n' : n)),
        constants,
        nodes,
        'y',
      ),
    );
    expect(model.layers.map(({ kind }) => kind)).toEqual(['residual', 'globalAveragePool', 'sigmoid', 'dense']);
  });
});

describe('what no layer here computes is refused by operator and reason:', () => {
  const dense = floats('w', [4, 2], 1);
  const image = floats('w', [2, 3, 3, 3], 1);
  const vector = (nodes: readonly OnnxNode[], constants: readonly OnnxTensor[] = [dense]): OnnxGraph =>
    graphOf(['n', 4], constants, nodes, 'y');
  const pixels = (nodes: readonly OnnxNode[], constants: readonly OnnxTensor[] = [image]): OnnxGraph =>
    graphOf(['n', 3, 6, 6], constants, nodes, 'y');
  const cases: readonly (readonly [string, OnnxGraph, RegExp])[] = [
    ['an exact gelu', vector([node('Gelu', ['x'], 'y')]), /Gelu.*approximate "none"/],
    ['a product of two values', vector([node('Tanh', ['x'], 't'), node('Mul', ['t', 'x'], 'y')]), /Mul.*two different/],
    ['a value added to itself', vector([node('Add', ['x', 'x'], 'y')]), /Add.*itself/],
    ['a scaled product', vector([node('Gemm', ['x', 'w'], 'y', { alpha: float(2) })]), /Gemm.*alpha 2/],
    ['a transposed input', vector([node('Gemm', ['x', 'w'], 'y', { transA: int(1) })]), /Gemm.*transA 1/],
    ['a product with a value', vector([node('MatMul', ['x', 'x'], 'y')]), /MatMul.*no constant/],
    ['a product from the left', vector([node('MatMul', ['w', 'x'], 'y')]), /MatMul.*input 0 is a constant/],
    [
      'weights of another shape',
      vector([node('MatMul', ['x', 'w'], 'y')], [floats('w', [5, 2], 1)]),
      /\[5,2\], not \[4,2\]/,
    ],
    [
      'a softmax in the middle',
      vector([node('Softmax', ['x'], 's'), node('Relu', ['s'], 'y')]),
      /Relu.*follows a softmax/,
    ],
    ['dilation', pixels([node('Conv', ['x', 'w'], 'y', { dilations: ints(2, 2) })]), /Conv.*dilations \[2,2\]/],
    ['crooked padding', pixels([node('Conv', ['x', 'w'], 'y', { pads: ints(0, 0, 2, 2) })]), /Conv.*pads \[0,0,2,2\]/],
    [
      'automatic padding',
      pixels([node('Conv', ['x', 'w'], 'y', { auto_pad: { kind: 'string', value: 'SAME_LOWER' } })]),
      /auto_pad/,
    ],
    ['uneven steps', pixels([node('Conv', ['x', 'w'], 'y', { strides: ints(1, 2) })]), /Conv.*strides \[1,2\]/],
    [
      'channels that do not fit',
      pixels([node('Conv', ['x', 'w'], 'y', { group: int(3) })]),
      /Conv.*9|channels in 3 groups/,
    ],
    [
      'windows over padding',
      pixels([node('MaxPool', ['x'], 'y', { kernel_shape: ints(2, 2), pads: ints(1, 1, 1, 1) })]),
      /MaxPool.*pads/,
    ],
    [
      'windows past the end',
      pixels([node('AveragePool', ['x'], 'y', { kernel_shape: ints(2, 2), ceil_mode: int(1) })]),
      /ceil_mode 1/,
    ],
    [
      'windows that do not fit',
      pixels([node('MaxPool', ['x'], 'y', { kernel_shape: ints(9, 9) })]),
      /layer 0 \(maxPool\)/,
    ],
    [
      'another transpose',
      pixels([node('Transpose', ['x'], 'y', { perm: ints(0, 1, 3, 2) })]),
      /Transpose.*perm \[0,1,3,2\]/,
    ],
    [
      'an image as output, channels first',
      pixels([node('MaxPool', ['x'], 'y', { kernel_shape: ints(2, 2) })]),
      /output is not in the order/,
    ],
    ['a flatten of part', pixels([node('Flatten', ['x'], 'y', { axis: int(2) })]), /Flatten.*axis 2/],
    [
      'a reshape to no batch',
      pixels(
        [node('Reshape', ['x', 's'], 'y', { allowzero: int(1) })],
        [{ name: 's', shape: [2], elementType: 'int64', data: [0, -1] }],
      ),
      /Reshape.*\[0,-1\]/,
    ],
    ['indices that are floats', vector([node('Gather', ['w', 'x'], 'y')]), /Gather.*no integers/],
    [
      'a cast in the middle',
      vector([node('Relu', ['x'], 'r'), node('Cast', ['r'], 'c', { to: int(7) }), node('Gather', ['w', 'c'], 'y')]),
      /Cast.*only inputs/,
    ],
    ['another element type', vector([node('Cast', ['x'], 'y', { to: int(10) })]), /Cast.*to 10/],
    [
      'NaN weights',
      vector(
        [node('MatMul', ['x', 'w'], 'y')],
        [{ ...dense, data: new Float32Array(8).fill(Number.NaN) } as OnnxTensor],
      ),
      /weight 0 is NaN/,
    ],
    [
      'two inputs',
      {
        ...vector([node('Relu', ['x'], 'y')]),
        inputs: ['x', 'z'].map((name) => ({ name, elementType: 'float32', shape: ['n', 4] })),
      },
      /2 inputs/,
    ],
    ['an input of three dimensions', graphOf(['n', 4, 4], [], [node('Relu', ['x'], 'y')], 'y'), /3 dimensions/],
    ['an input without sizes', graphOf(['n', 'm'], [], [node('Relu', ['x'], 'y')], 'y'), /size m/],
    [
      'a normalisation of old',
      {
        ...pixels([node('GroupNormalization', ['x', 'g', 'g'], 'y', { num_groups: int(3) })], [floats('g', [3], 1)]),
        opset: 18,
      },
      /GroupNormalization.*opset 21/,
    ],
  ];
  it.each(cases)('%s', (_, graph, message) => {
    const file = encodeOnnx(graph);
    expect(() => importOnnx(file)).toThrow(MalformedMessage);
    expect(() => importOnnx(file)).toThrow(message);
  });

  it('a graph that doubles itself with every node', () => {
    const nodes: OnnxNode[] = [];
    // Each sum is of two values that both contain all of the ones before.
    for (let i = 0; i < 40; i++) {
      const [a, b] = i === 0 ? ['x', 'x'] : [`a${i - 1}`, `b${i - 1}`];
      nodes.push(node('MatMul', [a, 'w'], `r${i}`), node('Tanh', [b], `t${i}`));
      nodes.push(node('Add', [`r${i}`, b], `a${i}`), node('Add', [`t${i}`, a], `b${i}`));
    }
    const square = [floats('w', [4, 4], 1)];
    const file = encodeOnnx(vector([...nodes, node('Identity', ['a39'], 'y')], square));
    const began = performance.now();
    expect(() => importOnnx(file)).toThrow(/unfolds to more than 4096 layers/);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});
