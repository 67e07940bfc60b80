import { describe, expect, it } from 'vitest';
import { seededFloats } from '../engine/agreement.contract.ts';
import { MalformedMessage, ParameterError } from '../errors.ts';
import { architecture, canonicalJson, parameterCount } from '../model/architecture.ts';
import { samples } from '../network/small-networks.contract.ts';
import { ARCHITECTURE_KEY, namedWeights, readNetwork, writeNetwork } from './network-file.ts';
import { type TensorFile, writeSafetensors } from './safetensors.ts';

describe('a network’s file', () => {
  it('gives back architecture and weights, bit by bit', () => {
    for (const { model } of samples) {
      const weights = seededFloats(parameterCount(model), 3);
      const bytes = writeNetwork(model, weights, new Map([['epoch', '7']]));
      const again = readNetwork(bytes);
      expect(again.model).toEqual(model);
      expect(again.weights).toEqual(weights);
      expect(Array.from(again.metadata)).toEqual([['epoch', '7']]);
      expect(writeNetwork(again.model, again.weights, again.metadata)).toEqual(bytes);
    }
  });

  it('cannot be written with other weights than the architecture’s, or broken ones', () => {
    const model = architecture({ input: [2], layers: [{ kind: 'dense', units: 3 }] });
    expect(() => writeNetwork(model, new Float32Array(8))).toThrow(ParameterError);
    expect(() => writeNetwork(model, new Float32Array(8))).toThrow(/8 weights for 9/);
    expect(() => writeNetwork(model, new Float32Array(9).fill(Number.NaN))).toThrow(/weight 0 is NaN/);
    expect(() => writeNetwork(model, new Float32Array(9), new Map([[ARCHITECTURE_KEY, 'x']]))).toThrow(ParameterError);
  });

  it('is refused when tensors and architecture do not agree', () => {
    const model = architecture({ input: [2], layers: [{ kind: 'dense', units: 3 }] });
    const tensors = namedWeights(model, seededFloats(9, 1));
    const text = canonicalJson(model);
    const file = (changes: Partial<TensorFile>): Uint8Array =>
      writeSafetensors({ tensors, metadata: new Map([[ARCHITECTURE_KEY, text]]), ...changes });
    expect(readNetwork(file({})).weights).toEqual(seededFloats(9, 1));
    const refused: readonly (readonly [Partial<TensorFile>, RegExp])[] = [
      [{ metadata: new Map() }, /no sumus.architecture/],
      [{ metadata: new Map([[ARCHITECTURE_KEY, '{}']]) }, /architecture is none/],
      [{ metadata: new Map([[ARCHITECTURE_KEY, text.replace('3', '4')]]) }, /shape \[2,3\], not \[2,4\]/],
      [{ tensors: tensors.slice(1) }, /no tensor 0.dense.weight/],
      [{ tensors: [...tensors, { name: 'more', shape: [1], data: new Float32Array(1) }] }, /"more" is no parameter/],
      [
        { tensors: tensors.map((tensor) => ({ ...tensor, shape: [...tensor.shape, 1] })) },
        /shape \[2,3,1\], not \[2,3\]/,
      ],
      [{ tensors: tensors.map((tensor) => ({ ...tensor, data: tensor.data.map(() => Number.NaN) })) }, /NaN/],
    ];
    for (const [changes, message] of refused) {
      expect(() => readNetwork(file(changes))).toThrow(MalformedMessage);
      expect(() => readNetwork(file(changes))).toThrow(message);
    }
  });
});
