// Attack 59 of the specification's list: configurations and names that come from JSON or strangers, made to reach a prototype, to be two
// things at once, or to be no number. Formats here have one encoding a value and no maps with keys of their own; what is left to attack
// are the names in them, and the numbers of a configuration.

import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { CanonicalReader, CanonicalWriter, delimited, hexOf } from './canonical/index.ts';
import { configurationHash, encodeConfiguration, type RoundConfiguration } from './context/index.ts';
import { MalformedMessage, ParameterError } from './errors.ts';
import { memberId } from './identity/index.ts';
import { advertise, decodeRoster, encodeRoster, rosterOf } from './roster/index.ts';
import { agreementOf, freshSecretKey } from './secret-primitives.ts';
import { CONFIGURATION, enrol, project, seededPrimitives } from './seeded-members.contract.ts';

const primitives = seededPrimitives(nodePrimitives(), 59);
const hashOf = (changes: Partial<RoundConfiguration>): string =>
  hexOf(configurationHash(primitives, { ...CONFIGURATION, ...changes }));
/** As a JSON body would give it: whatever it likes. */
const fromJson = (text: string): RoundConfiguration['own'] => JSON.parse(text);
const inherited = ['constructor', 'toString', 'hasOwnProperty', 'valueOf'];

describe('attack 59: names that are something to JavaScript', () => {
  it('are names like any other in a configuration, and cannot reach a prototype', () => {
    const hashes = [{}, ...inherited.map((name) => ({ [name]: 1 }))].map((own) => hashOf({ own }));
    expect(new Set(hashes).size).toBe(1 + inherited.length);
    for (const name of ['__proto__', '__defineGetter__', '', ' t', 'tоp', 'x'.repeat(65), 'a\u0000']) {
      const own = fromJson(`{${JSON.stringify(name)}: 1}`);
      expect(Object.keys(own).length, name).toBe(1);
      expect(() => encodeConfiguration({ ...CONFIGURATION, own }), name).toThrow(ParameterError);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('are members like any other in a roster', async () => {
    const { authority, open } = await project(primitives, 1);
    const entries = [];
    for (const name of inherited) {
      const { certificate, signer } = await enrol(primitives, authority, name);
      const key = await agreementOf(primitives, freshSecretKey(primitives, 'x25519'));
      const advertised = { certificate, keys: [key.publicKey] };
      entries.push({ certificate, advertisement: await advertise(primitives, signer, open, advertised) });
    }
    const roster = decodeRoster(primitives, open, 1, encodeRoster(rosterOf(primitives, open, 1, entries)));
    expect(inherited.map((name) => roster.indexOf.has(memberId(name)))).toEqual(inherited.map(() => true));
    expect(roster.indexOf.has(memberId('isPrototypeOf'))).toBe(false);
    expect(() => memberId('__proto__')).toThrow(ParameterError);
  });
});

describe('attack 59: numbers that are none', () => {
  it('are refused in every field of a configuration', () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, -1, -0, 0.5, 2 ** 53, Number('1e999')];
    for (const field of ['vectorLength', 'wordBits', 'valueBits', 'minimumContributors'] as const) {
      for (const value of odd) expect(() => hashOf({ [field]: value }), `${field} ${value}`).toThrow(ParameterError);
    }
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1, -0]) {
      expect(() => hashOf({ clippingNorm: value }), `clippingNorm ${value}`).toThrow(ParameterError);
    }
    for (const value of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      expect(() => hashOf({ own: { threshold: value } }), `own ${value}`).toThrow(ParameterError);
    }
    for (const value of [Number.NaN, -1, 0.5, 2 ** 53, 2 ** 64]) {
      expect(() => hashOf({ phaseTimeoutsMs: [value] }), `a timeout ${value}`).toThrow(ParameterError);
    }
  });

  it('are not read either, and no value is written in two ways', () => {
    const doubles = [Number.NaN, Number.POSITIVE_INFINITY, -0];
    for (const value of doubles) {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setFloat64(0, value, true);
      expect(() => new CanonicalReader(bytes, 'a test').f64('a number'), String(value)).toThrow(MalformedMessage);
      // −0 and 0 are one value, so they are written as one.
      if (value === 0) expect(hexOf(new CanonicalWriter().f64('a number', value).finish())).toBe('00'.repeat(8));
      else expect(() => new CanonicalWriter().f64('a number', value), String(value)).toThrow(ParameterError);
    }
    const beyond = Uint8Array.of(0, 0, 0, 0, 0, 0, 0x20, 0);
    expect(() => new CanonicalReader(beyond, 'a test').u64('a number')).toThrow(MalformedMessage);
    expect(new CanonicalReader(Uint8Array.of(255, 255, 255, 255, 255, 255, 0x1f, 0), 'a test').u64('a number')).toBe(
      2 ** 53 - 1,
    );
  });

  it('and lists of fields that run together are different bytes', () => {
    expect(hexOf(delimited('ab', 'c'))).not.toBe(hexOf(delimited('a', 'bc')));
    expect(hexOf(delimited('a', ''))).not.toBe(hexOf(delimited('a')));
  });
});
