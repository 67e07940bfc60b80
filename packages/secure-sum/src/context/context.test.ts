import { createHash, hkdfSync } from 'node:crypto';
import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { hexOf } from '../canonical/index.ts';
import { ParameterError } from '../errors.ts';
import { CONFIGURATION } from '../seeded-members.contract.ts';
import {
  type Context,
  configurationHash,
  derive,
  type LaterFields,
  type OpenContext,
  type OpenFields,
  openContext,
  type RoundConfiguration,
  wholeContext,
} from './index.ts';

const primitives = nodePrimitives();
const of = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const fields: OpenFields = {
  projectId: 'hospitals',
  taskId: 'sepsis',
  round: 7,
  flush: 2,
  modelHash: of(1),
  configHash: of(2),
  policyHash: of(3),
};
const later: LaterFields = { rosterRoot: of(4), beacon: of(5) };
const open = openContext(primitives, fields);
const whole = wholeContext(primitives, open, later);

/** The formula of the specification, written out once more with nothing of ours. */
function naive(...parts: (Buffer | string)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(part.length);
    hash.update(length).update(part);
  }
  return hash.digest('hex');
}

describe('the hash of a context', () => {
  const round = Buffer.from('0700000000000000', 'hex');
  const flush = Buffer.from('02000000', 'hex');
  const buffer = (byte: number): Buffer => Buffer.alloc(32, byte);
  const suite = 'x25519-ed25519-sha256-chacha20';

  it('is the formula of the specification, over length-delimited fields', () => {
    const ctx0 = naive(
      'sumus/1/open',
      suite,
      'hospitals',
      'sepsis',
      round,
      flush,
      buffer(1),
      buffer(2),
      '',
      '',
      buffer(3),
    );
    expect(hexOf(open.hash)).toBe(ctx0);
    expect(hexOf(whole.hash)).toBe(
      naive(
        'sumus/1',
        suite,
        'hospitals',
        'sepsis',
        round,
        flush,
        buffer(1),
        buffer(2),
        buffer(4),
        buffer(5),
        buffer(3),
        Buffer.from(ctx0, 'hex'),
      ),
    );
  });

  it('leaves empty what an asynchronous contributor does not know', () => {
    const { flush: _, modelHash: __, ...known } = fields;
    expect(hexOf(openContext(primitives, known).hash)).toBe(
      naive('sumus/1/open', suite, 'hospitals', 'sepsis', round, '', '', buffer(2), '', '', buffer(3)),
    );
  });

  const changes: [keyof OpenFields, OpenFields][] = [
    ['projectId', { ...fields, projectId: 'hospitalssepsis' }],
    ['taskId', { ...fields, taskId: 'stroke' }],
    ['round', { ...fields, round: 8 }],
    ['flush', { ...fields, flush: 3 }],
    ['modelHash', { ...fields, modelHash: of(9) }],
    ['configHash', { ...fields, configHash: of(9) }],
    ['policyHash', { ...fields, policyHash: of(9) }],
  ];
  it.each(changes)('changes with %s, open and whole', (_, changed) => {
    const other = openContext(primitives, changed);
    expect(other.hash).not.toEqual(open.hash);
    expect(wholeContext(primitives, other, later).hash).not.toEqual(whole.hash);
  });

  it('has a test for every field', () => {
    expect(changes.map(([name]) => name).sort()).toEqual(Object.keys(fields).sort());
  });

  it.each<[string, LaterFields]>([
    ['the roster', { ...later, rosterRoot: of(9) }],
    ['the beacon', { ...later, beacon: of(9) }],
    ['both exchanged', { rosterRoot: of(5), beacon: of(4) }],
  ])('changes with %s', (_, changed) => {
    expect(wholeContext(primitives, open, changed).hash).not.toEqual(whole.hash);
  });

  it('of the whole context includes the open one: what was left open there makes another whole', () => {
    const { flush, modelHash, ...known } = fields;
    const asynchronous = wholeContext(primitives, openContext(primitives, known), { ...later, flush, modelHash });
    expect(asynchronous.point).toEqual(whole.point);
    expect(asynchronous.hash).not.toEqual(whole.hash);
  });

  it('does not change when the caller later changes its bytes', () => {
    const configHash = of(2);
    const mine = openContext(primitives, { ...fields, configHash });
    configHash.fill(0);
    expect(wholeContext(primitives, mine, later).hash).toEqual(whole.hash);
  });
});

describe('a context', () => {
  it.each<[string, () => unknown]>([
    ['a round that is no whole number', () => openContext(primitives, { ...fields, round: 0.5 })],
    ['a flush of 2^32', () => openContext(primitives, { ...fields, flush: 2 ** 32 })],
    ['a hash of 31 bytes', () => openContext(primitives, { ...fields, modelHash: new Uint8Array(31) })],
    ['an empty hash where one is known', () => openContext(primitives, { ...fields, modelHash: new Uint8Array(0) })],
    ['a project that is no name', () => openContext(primitives, { ...fields, projectId: 'a b' })],
    ['an empty beacon', () => wholeContext(primitives, open, { ...later, beacon: new Uint8Array(0) })],
    ['another flush than the open one', () => wholeContext(primitives, open, { ...later, flush: 3 })],
    ['another model than the open one', () => wholeContext(primitives, open, { ...later, modelHash: of(8) })],
    [
      'no flush at all',
      () => wholeContext(primitives, openContext(primitives, { ...fields, flush: undefined }), later),
    ],
  ])('refuses %s', (_, act) => {
    expect(act).toThrow(ParameterError);
  });

  it('is open or whole by its type', () => {
    // @ts-expect-error An open context is no whole one.
    const wrong: Context = open;
    // @ts-expect-error A whole context is no open one.
    const alsoWrong: OpenContext = whole;
    expect([wrong.kind, alsoWrong.kind]).toEqual(['open', 'whole']);
  });
});

describe('the hash of a configuration', () => {
  const changed: { [Name in keyof RoundConfiguration]: RoundConfiguration[Name] } = {
    protocol: 'one-shot',
    vectorLength: 1001,
    wordBits: 24,
    valueBits: 15,
    clippingNorm: 2,
    quantiserScale: 32768,
    rotation: 'none',
    supportHash: of(9),
    minimumContributors: 2,
    phaseTimeoutsMs: [30_000, 30_000, 600_000, 30_000],
    noise: 'skellam',
    own: { neighbours: 42, threshold: 26 },
  };

  it.each(Object.keys(changed))('changes with %s', (name) => {
    const other = { ...CONFIGURATION, [name]: changed[name as keyof RoundConfiguration] };
    expect(configurationHash(primitives, other)).not.toEqual(configurationHash(primitives, CONFIGURATION));
  });

  it('does not depend on the order in which own parameters are written down, but on their names and kinds', () => {
    const hash = (own: RoundConfiguration['own']): string =>
      hexOf(configurationHash(primitives, { ...CONFIGURATION, own }));
    expect(hash({ threshold: 27, neighbours: 42 })).toBe(hash(CONFIGURATION.own));
    const others = [
      hash({ k: 42, threshold: 27 }),
      hash({ neighbours: '42', threshold: 27 }),
      hash({}),
      hash({ a: of(1) }),
    ];
    expect(new Set([...others, hash(CONFIGURATION.own)]).size).toBe(5);
  });

  it.each<[string, Partial<RoundConfiguration>]>([
    ['a clip of NaN', { clippingNorm: Number.NaN }],
    ['a clip of 0', { clippingNorm: 0 }],
    ['a negative length', { vectorLength: -1 }],
    ['an infinite scale', { quantiserScale: Number.POSITIVE_INFINITY }],
    ['an own parameter of NaN', { own: { k: Number.NaN } }],
    ['an own parameter with a blank in its name', { own: { 'a b': 1 } }],
    ['an own parameter named __proto__', { own: JSON.parse('{"__proto__": 1}') }],
  ])('refuses %s', (_, part) => {
    expect(() => configurationHash(primitives, { ...CONFIGURATION, ...part })).toThrow(ParameterError);
  });
});

describe('a derivation', () => {
  const ikm = of(42);
  const seed = (part: Partial<Parameters<typeof derive>[2]> = {}): string =>
    hexOf(derive(primitives, ikm, { context: whole, label: 'mask/pair', parts: ['a', 'b'], lengthBytes: 32, ...part }));

  it('is HKDF over label, context and parts', () => {
    const field = (bytes: Uint8Array | string): Buffer => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return Buffer.concat([length, Buffer.from(bytes)]);
    };
    const parts = field(Buffer.concat([field('a'), field('b')]));
    const info = Buffer.concat([field('sumus/1/derive'), field('mask/pair'), field(whole.hash), parts]);
    expect(seed()).toBe(Buffer.from(hkdfSync('sha256', ikm, '', info, 32)).toString('hex'));
  });

  it('differs by label, context and parts', () => {
    const all = [
      seed(),
      seed({ label: 'mask/self' }),
      seed({ context: open }),
      seed({ parts: ['ab'] }),
      seed({ parts: [] }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it.each(['', 'Mask', 'mask/', '/mask', 'mask pair'])('refuses the label %j', (label) => {
    expect(() => seed({ label })).toThrow(ParameterError);
  });
});
