import { describe, expect, it } from 'vitest';
import { seededFloats } from '../../engine/agreement.contract.ts';
import { MalformedMessage, ParameterError } from '../../errors.ts';
import { architecture, parameterCount } from '../../model/architecture.ts';
import { decodeOnnx } from './decode.ts';
import { encodeOnnx } from './encode.ts';
import { exportOnnx } from './export.ts';
import type { OnnxGraph } from './graph.ts';
import { importOnnx } from './import.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

const isWhole =
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'] === '1';

const tiny: OnnxGraph = {
  name: 'g',
  opset: 21,
  nodes: [
    {
      name: 'n',
      operator: 'LeakyRelu',
      inputs: ['x'],
      outputs: ['y'],
      attributes: new Map([['alpha', { kind: 'float', value: 0.5 }]]),
    },
  ],
  initializers: [{ name: 'i', shape: [2], elementType: 'int64', data: [-1, 3] }],
  inputs: [{ name: 'x', elementType: 'float32', shape: ['b', 200] }],
  outputs: [{ name: 'y', elementType: 'float32', shape: [] }],
};

const letters = (text: string): number[] => [text.length, ...Array.from(text, (letter) => letter.charCodeAt(0))];

describe('the bytes of an ONNX file', () => {
  it('are these', () => {
    expect(Array.from(encodeOnnx(tiny))).toEqual([
      ...[0x08, 10], // ir_version
      ...[0x12, ...letters('sumus')], // producer_name
      ...[0x3a, 105], // graph
      ...[0x0a, 37], // node
      ...[0x0a, ...letters('x'), 0x12, ...letters('y'), 0x1a, ...letters('n'), 0x22, ...letters('LeakyRelu')],
      ...[0x2a, 15], // attribute: name, f, type
      ...[0x0a, ...letters('alpha'), 0x15, 0x00, 0x00, 0x00, 0x3f, 0xa0, 0x01, 1],
      ...[0x12, ...letters('g')], // graph name
      ...[0x2a, 25], // initializer
      ...[0x08, 2, 0x10, 7, 0x42, ...letters('i')], // dims, int64, name
      ...[0x4a, 16, 255, 255, 255, 255, 255, 255, 255, 255, 3, 0, 0, 0, 0, 0, 0, 0], // raw_data
      ...[0x5a, 21], // input
      ...[0x0a, ...letters('x'), 0x12, 16, 0x0a, 14, 0x08, 1], // name, type, tensor_type, float
      ...[0x12, 10, 0x0a, 3, 0x12, ...letters('b'), 0x0a, 3, 0x08, 0xc8, 0x01], // shape: b, 200
      ...[0x62, 11, 0x0a, ...letters('y'), 0x12, 6, 0x0a, 4, 0x08, 1, 0x12, 0], // output
      ...[0x42, 4, 0x0a, 0, 0x10, 21], // opset_import: '' 21
    ]);
  });

  it('may say numbers packed or one by one, and as floats or raw', () => {
    const tensor = (fields: ProtobufWriter): Uint8Array => {
      const value = (name: string): ProtobufWriter => {
        const type = new ProtobufWriter().message(1, new ProtobufWriter().integer(1, 1).bytes(2, new Uint8Array(0)));
        return new ProtobufWriter().text(1, name).message(2, type);
      };
      const relu = new ProtobufWriter().text(1, 'x').text(2, 'y').text(4, 'Relu');
      const graph = new ProtobufWriter().message(1, relu).message(5, fields.text(8, 'w')).message(11, value('x'));
      return new ProtobufWriter()
        .message(7, graph.message(12, value('y')))
        .message(8, new ProtobufWriter().integer(2, 17))
        .finish();
    };
    const packed = new ProtobufWriter().bytes(1, Uint8Array.of(1, 2)).integer(2, 1);
    const decoded = decodeOnnx(tensor(packed.bytes(4, Uint8Array.of(0, 0, 0x80, 0x3f, 0, 0, 0, 0x40))));
    expect(decoded.initializers).toEqual([
      { name: 'w', shape: [1, 2], elementType: 'float32', data: Float32Array.of(1, 2) },
    ]);
    const single = new ProtobufWriter().integer(1, 2).integer(2, 7).integer(7, -5).integer(7, 6);
    expect(decodeOnnx(tensor(single)).initializers[0].data).toEqual([-5, 6]);
    const refusals: readonly (readonly [ProtobufWriter, RegExp])[] = [
      [new ProtobufWriter().integer(1, 1).integer(2, 10).bytes(9, new Uint8Array(2)), /elements of type 10/],
      [new ProtobufWriter().integer(1, 1).integer(2, 1).integer(14, 1), /another file/],
      [new ProtobufWriter().integer(1, 1).integer(2, 1).float(4, 1).bytes(9, new Uint8Array(4)), /twice/],
      [new ProtobufWriter().integer(1, 1).integer(2, 1).bytes(9, new Uint8Array(3)), /3 bytes/],
      [new ProtobufWriter().integer(1, 2).integer(2, 1).bytes(9, new Uint8Array(4)), /needs 2 numbers, not 1/],
      [new ProtobufWriter().integer(1, -1).integer(2, 1), /cannot have shape \[-1\]/],
      [
        new ProtobufWriter()
          .integer(1, 2 ** 40)
          .integer(1, 2 ** 40)
          .integer(2, 1),
        /cannot have shape/,
      ],
      [new ProtobufWriter().integer(1, 1).integer(2, 7).bytes(9, new Uint8Array(8).fill(0x7f)), /beyond 2\^53/],
      [new ProtobufWriter().integer(2, 1).integer(2, 1), /field 2 2 times/],
      [new ProtobufWriter().float(2, 1), /another encoding/],
      [new ProtobufWriter().integer(30, 1), /field 30, which is not read/],
    ];
    for (const [fields, message] of refusals) {
      const bytes = tensor(fields);
      expect(() => decodeOnnx(bytes)).toThrow(MalformedMessage);
      expect(() => decodeOnnx(bytes)).toThrow(message);
    }
  });

  it('are refused when the graph is none', () => {
    const change = (values: Partial<OnnxGraph>): OnnxGraph => ({ ...tiny, ...values });
    const [leaky] = tiny.nodes;
    const faults: readonly (readonly [OnnxGraph, RegExp])[] = [
      [change({ opset: 12 }), /opset 12/],
      [change({ opset: 22 }), /opset 22/],
      [change({ nodes: [{ ...leaky, operator: 'Loop' }] }), /"Loop" is not known/],
      [change({ nodes: [{ ...leaky, operator: 'constructor' }] }), /not known/],
      [change({ nodes: [{ ...leaky, inputs: ['z'] }] }), /"z" is used before it exists/],
      [change({ nodes: [{ ...leaky, inputs: ['x', 'x'] }] }), /2 inputs, not 1 to 1/],
      [change({ nodes: [{ ...leaky, inputs: [''] }] }), /left out/],
      [change({ nodes: [{ ...leaky, outputs: ['x'] }] }), /"x" is given twice/],
      [
        change({ nodes: [{ ...leaky, attributes: new Map([['beta', { kind: 'float', value: 1 }]]) }] }),
        /"beta" is not known/,
      ],
      [
        change({ nodes: [{ ...leaky, attributes: new Map([['toString', { kind: 'float', value: 1 }]]) }] }),
        /not known/,
      ],
      [
        change({ nodes: [{ ...leaky, attributes: new Map([['alpha', { kind: 'int', value: 1 }]]) }] }),
        /kind int, not float/,
      ],
      [
        change({ nodes: [{ ...leaky, attributes: new Map([['alpha', { kind: 'float', value: Number.NaN }]]) }] }),
        /not finite/,
      ],
      [change({ inputs: [] }), /no input/],
      [change({ outputs: [] }), /no output/],
      [change({ initializers: [{ name: 'i', shape: [3], elementType: 'int64', data: [1] }] }), /needs 3 numbers/],
    ];
    for (const [graph, message] of faults) {
      expect(() => encodeOnnx(graph)).toThrow(ParameterError);
      expect(() => encodeOnnx(graph)).toThrow(message);
    }
  });

  it.each([
    ['nothing', [], /no graph/],
    ['a field of number 0', [0x00, 0], /number 0/],
    ['a group', [0x0b], /wire type 3/],
    ['an integer without end', [0x08, ...new Array(10).fill(0xff)], /more than 64 bits/],
    ['an integer of eleven bytes', [0x08, ...new Array(10).fill(0x80), 0], /more than 64 bits/],
    ['a length beyond the file', [0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f], /claims 4294967295 bytes where 0 are left/],
    ['an integer of 65 bits', [0x08, ...new Array(9).fill(0xff), 2], /more than 64 bits/],
    ['a length one beyond the file', [0x3a, 1], /claims 1 bytes where 0 are left/],
    ['a cut float', [0x0d, 0, 0, 0], /claims 4 bytes where 3 are left/],
    ['functions', [0xca, 0x01, 0], /field 25, which is not read/],
    ['two graphs', [0x3a, 0, 0x3a, 0], /field 7 2 times/],
  ])('are refused: %s', (_, bytes, message) => {
    expect(() => decodeOnnx(Uint8Array.from(bytes))).toThrow(MalformedMessage);
    expect(() => decodeOnnx(Uint8Array.from(bytes))).toThrow(message);
  });

  it('cut anywhere, or changed anywhere, are a network or MalformedMessage, never another error', () => {
    const model = architecture({
      input: [6, 6, 2],
      layers: [
        { kind: 'conv2d', filters: 2, kernel: 3, padding: 'same' },
        {
          kind: 'residual',
          layers: [
            { kind: 'groupNorm', groups: 2 },
            { kind: 'polynomial', coefficients: [1, 2, 3] },
          ],
        },
        { kind: 'maxPool', window: 2 },
        { kind: 'flatten' },
        { kind: 'layerNorm' },
        { kind: 'dense', units: 2 },
      ],
    });
    const valid = exportOnnx(model, seededFloats(parameterCount(model), 3));
    for (let length = 0; length < valid.length; length++) {
      expect(() => importOnnx(valid.subarray(0, length))).toThrow(MalformedMessage);
    }
    let state = 99;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let refused = 0;
    const rounds = isWhole ? 100_000 : 2000;
    for (let round = 0; round < rounds; round++) {
      const bytes = valid.slice();
      for (let change = random(3); change >= 0; change--) bytes[random(bytes.length)] = random(256);
      try {
        const { model: other, weights } = importOnnx(bytes);
        expect(weights).toHaveLength(parameterCount(other));
      } catch (error) {
        if (!(error instanceof MalformedMessage)) throw error;
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(rounds / 3);
    expect(refused).toBeLessThan(rounds);
  }, 600_000);
});
