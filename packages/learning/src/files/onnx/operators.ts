// The ONNX operators that files here may use (github.com/onnx/onnx, docs/Operators.md, opset 21): how many inputs and outputs, which
// attributes of which kind. Everything else is refused by name.

type AttributeKind = 'float' | 'int' | 'string' | 'ints' | 'tensor';

export interface OperatorForm {
  readonly inputs: readonly [least: number, most: number];
  readonly outputs: readonly [least: number, most: number];
  readonly attributes: Readonly<Record<string, AttributeKind>>;
}

const form = (least: number, most: number, attributes: OperatorForm['attributes'] = {}, outputs = 1): OperatorForm => ({
  inputs: [least, most],
  outputs: [1, outputs],
  attributes,
});

const windows = { auto_pad: 'string', kernel_shape: 'ints', strides: 'ints', pads: 'ints', dilations: 'ints' } as const;

export const operators: ReadonlyMap<string, OperatorForm> = new Map([
  ['Add', form(2, 2)],
  ['AveragePool', form(1, 1, { ...windows, ceil_mode: 'int', count_include_pad: 'int' })],
  ['Cast', form(1, 1, { to: 'int', saturate: 'int' })],
  ['Constant', form(0, 0, { value: 'tensor' })],
  ['Conv', form(2, 3, { ...windows, group: 'int' })],
  ['Dropout', form(1, 3, { seed: 'int' }, 2)],
  ['Flatten', form(1, 1, { axis: 'int' })],
  ['Gather', form(2, 2, { axis: 'int' })],
  ['Gelu', form(1, 1, { approximate: 'string' })],
  ['Gemm', form(2, 3, { alpha: 'float', beta: 'float', transA: 'int', transB: 'int' })],
  ['GlobalAveragePool', form(1, 1)],
  ['GroupNormalization', form(3, 3, { epsilon: 'float', num_groups: 'int', stash_type: 'int' })],
  ['Identity', form(1, 1)],
  ['LayerNormalization', form(2, 3, { axis: 'int', epsilon: 'float', stash_type: 'int' })],
  ['LeakyRelu', form(1, 1, { alpha: 'float' })],
  ['MatMul', form(2, 2)],
  ['MaxPool', form(1, 1, { ...windows, ceil_mode: 'int', storage_order: 'int' })],
  ['Mul', form(2, 2)],
  ['Relu', form(1, 1)],
  ['Reshape', form(2, 2, { allowzero: 'int' })],
  ['Sigmoid', form(1, 1)],
  ['Softmax', form(1, 1, { axis: 'int' })],
  ['Softplus', form(1, 1)],
  ['Tanh', form(1, 1)],
  ['Transpose', form(1, 1, { perm: 'ints' })],
]);
