import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import {
  type ArchitectureLiteral,
  architecture,
  canonicalJson,
  contentHash,
  outputShape,
  parameterCount,
  parametersOf,
  parseArchitecture,
  summary,
} from './architecture.ts';
import { initialWeights } from './initialise.ts';
import { zoo, zooNames } from './zoo.ts';

describe('the zoo', () => {
  it.each([
    ['logistic', 7850],
    ['mlp', 101_770],
    ['lenet', 1_663_370],
    ['shokri-mnist-mlp', 140_106],
    ['shokri-mnist-cnn', 105_506],
    ['phong-mlp', 109_386],
    // 432 + 32; 2·(2304 + 32); 4608 + 9216 + 512 + 3·64; 18432 + 36864 + 2048 + 3·128; 650.
    ['resnet8-groupnorm', 78_042],
  ])('%s has %i parameters', (name, count) => {
    expect(parameterCount(zoo(name))).toBe(count);
    expect(initialWeights(zoo(name), 1)).toHaveLength(count);
  });

  it('is tested whole, and gives ten classes', () => {
    expect(zooNames).toHaveLength(7);
    for (const name of zooNames) expect(outputShape(zoo(name))).toEqual([10]);
  });

  it('refuses a name it does not have, and says which it has', () => {
    expect(() => zoo('lennet')).toThrow(/lenet/);
    expect(() => zoo('__proto__')).toThrow(ParameterError);
  });
});

describe('an architecture', () => {
  const literal: ArchitectureLiteral = {
    input: [8, 8, 1],
    layers: [
      { kind: 'conv2d', filters: 4, kernel: 3 },
      { kind: 'residual', layers: [{ kind: 'conv2d', filters: 4, kernel: 3, padding: 'same' }] },
      { kind: 'maxPool', window: 2 },
      { kind: 'flatten' },
      { kind: 'dense', units: 2 },
    ],
  };

  it('is frozen through and through', () => {
    const model = architecture(literal);
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      expect(Object.isFrozen(value)).toBe(true);
      Object.values(value).forEach(visit);
    };
    visit(model);
  });

  it('is no longer the literal that it was made from', () => {
    const layers = [{ kind: 'dense' as const, units: 3 }];
    const input = [4];
    const model = architecture({ input, layers });
    layers[0].units = 99;
    input[0] = 99;
    expect(parameterCount(model)).toBe(15);
  });

  it('survives JSON with the same text and the same hash, defaults written or not', () => {
    const hash = (bytes: Uint8Array): Uint8Array => bytes.slice();
    const model = architecture(literal);
    const again = parseArchitecture(canonicalJson(model));
    expect(again).toEqual(model);
    expect(canonicalJson(again)).toBe(canonicalJson(model));
    const spelled = architecture({
      layers: [
        { bias: true, step: 1, kernel: 3, filters: 4, kind: 'conv2d', padding: 0, groups: 1, initialiser: 'he' },
        ...literal.layers.slice(1),
      ],
      input: [8, 8, 1],
    });
    expect(contentHash(spelled, hash)).toEqual(contentHash(model, hash));
    const other = architecture({ ...literal, layers: [{ kind: 'relu' }, ...literal.layers] });
    expect(contentHash(other, hash)).not.toEqual(contentHash(model, hash));
  });

  it('names its parameters by place, kind and role', () => {
    expect(parametersOf(architecture(literal)).map(({ name, shape }) => `${name} ${shape.join('×')}`)).toEqual([
      '0.conv2d.weight 3×3×1×4',
      '0.conv2d.bias 4',
      '1.layers.0.conv2d.weight 3×3×4×4',
      '1.layers.0.conv2d.bias 4',
      '4.dense.weight 36×2',
      '4.dense.bias 2',
    ]);
    expect(summary(architecture(literal))).toContain('2 maxPool → 3×3×4, 0 parameters');
  });

  const refused: readonly [string, unknown, RegExp][] = [
    ['a dense layer on an image', [{ kind: 'dense', units: 3 }], /layer 0 \(dense\).*8×8×1/],
    ['a kernel that is too large', [{ kind: 'conv2d', filters: 1, kernel: 9 }], /layer 0 \(conv2d\).*8×8×1.*0×0×1/],
    ['a window that is too large', [{ kind: 'maxPool', window: 9 }], /layer 0 \(maxPool\).*8×8×1/],
    ['groups that do not divide', [{ kind: 'conv2d', filters: 3, kernel: 1, groups: 2 }], /groups/],
    ['padding as large as the kernel', [{ kind: 'conv2d', filters: 3, kernel: 2, padding: 2 }], /padding/],
    ['a fractional number of units', [{ kind: 'flatten' }, { kind: 'dense', units: 2.5 }], /units.*2.5/],
    ['no units at all', [{ kind: 'flatten' }, { kind: 'dense' }], /units is missing/],
    ['a member that is not known', [{ kind: 'relu', slope: 1 }], /slope is not known/],
    ['a kind that is not known', [{ kind: 'lstm' }], /no layer of kind "lstm"/],
    ['a kind that objects have', [{ kind: 'constructor' }], /no layer of kind/],
    ['something that is no layer', [null], /is no layer/],
    ['layers that are no list', { kind: 'relu' }, /array/],
    [
      'an embedding behind another layer',
      [{ kind: 'flatten' }, { kind: 'embedding', vocabulary: 3, width: 2 }],
      /first/,
    ],
    ['a dropout of everything', [{ kind: 'dropout', rate: 1 }], /rate/],
    ['a polynomial without coefficients', [{ kind: 'polynomial', coefficients: [] }], /coefficients/],
    [
      'a block whose sides differ',
      [{ kind: 'residual', layers: [{ kind: 'conv2d', filters: 2, kernel: 3 }] }],
      /layer 0 \(residual\).*6×6×2.*8×8×1/,
    ],
    ['an empty block', [{ kind: 'residual', layers: [] }], /no layers/],
    ['more parameters than memory', [{ kind: 'flatten' }, { kind: 'dense', units: 1e9 }], /parameters/],
  ];

  it.each(refused)('refuses %s, by name', (_, layers, message) => {
    const text = JSON.stringify({ input: [8, 8, 1], layers });
    expect(() => parseArchitecture(text)).toThrow(ParameterError);
    expect(() => parseArchitecture(text)).toThrow(message);
  });

  it.each([
    ['{'],
    ['null'],
    ['{}'],
    ['{"input":[0],"layers":[]}'],
    ['{"input":[1,2],"layers":[]}'],
    ['{"input":[4],"layers":[],"x":1}'],
  ])('refuses the text %s', (text) => {
    expect(() => parseArchitecture(text)).toThrow(ParameterError);
  });

  it('refuses blocks nested without end', () => {
    let layers: unknown = [{ kind: 'relu' }];
    for (let i = 0; i < 50; i++) layers = [{ kind: 'residual', layers }];
    expect(() => parseArchitecture(JSON.stringify({ input: [4], layers }))).toThrow(/nested/);
  });
});

describe('first weights', () => {
  it('have the deviation of their initialiser, no mean, and zeros for biases', () => {
    for (const [initialiser, deviation] of [
      ['he', Math.sqrt(2 / 400)],
      ['glorot', Math.sqrt(2 / 700)],
    ] as const) {
      const model = architecture({ input: [400], layers: [{ kind: 'dense', units: 300, initialiser }] });
      const weights = initialWeights(model, 5).subarray(0, 120_000);
      const mean = weights.reduce((a, b) => a + b, 0) / weights.length;
      const measured = Math.sqrt(weights.reduce((a, b) => a + (b - mean) ** 2, 0) / weights.length);
      // 5 standard errors; the variance of a uniform's square is 0.8 of its variance squared.
      expect(Math.abs(mean)).toBeLessThan((5 * deviation) / Math.sqrt(120_000));
      const error = 5 * Math.sqrt(0.8 / 120_000) * 0.5;
      expect(Math.abs(measured / deviation - 1)).toBeLessThan(error);
      expect(Math.abs((1.2 * measured) / deviation - 1)).toBeGreaterThan(error);
      expect(
        initialWeights(model, 5)
          .subarray(120_000)
          .every((b) => b === 0),
      ).toBe(true);
    }
  });

  it('differ between seeds, also such as differ by 2^32, and between layers', () => {
    const model = architecture({
      input: [8],
      layers: [
        { kind: 'dense', units: 8, bias: false },
        { kind: 'dense', units: 8, bias: false },
      ],
    });
    const seeds = [0, 1, 2 ** 32, 2 ** 32 + 1].map((seed) => initialWeights(model, seed).join());
    expect(new Set(seeds).size).toBe(4);
    const weights = initialWeights(model, 3);
    expect(weights.slice(0, 64)).not.toEqual(weights.slice(64));
    expect(() => initialWeights(model, -1)).toThrow(ParameterError);
    expect(() => initialWeights(model, 0.5)).toThrow(ParameterError);
  });
});
