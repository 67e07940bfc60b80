import { createHash, createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import { type HmacSha256, PseudonymKey, rotation } from './pseudonyms.ts';

const hmacSha256: HmacSha256 = (key, ...chunks) => {
  const mac = createHmac('sha256', key);
  for (const chunk of chunks) mac.update(chunk);
  return new Uint8Array(mac.digest());
};
const secret = Uint8Array.from({ length: 32 }, (_, at) => at);
const key = (changes: { purpose?: string; generation?: number; secret?: Uint8Array } = {}) =>
  new PseudonymKey({ hmacSha256, secret, purpose: 'a study', generation: 1, ...changes });

describe('a pseudonym', () => {
  it('is the same for the same, and another for another value, field, purpose, generation and key', () => {
    const one = key().pseudonymOf('name', 'Anna');
    expect(key().pseudonymOf('name', 'Anna')).toBe(one);
    const others = [
      key().pseudonymOf('name', 'anna'),
      key().pseudonymOf('mail', 'Anna'),
      key({ purpose: 'another' }).pseudonymOf('name', 'Anna'),
      key({ generation: 2 }).pseudonymOf('name', 'Anna'),
      key({ secret: secret.map((byte) => byte ^ 1) }).pseudonymOf('name', 'Anna'),
    ];
    expect(new Set([one, ...others]).size).toBe(6);
    expect(one).toMatch(/^g1-[0-9a-hj-km-np-tv-z]{26}$/);
    expect(key({ generation: 2 }).pseudonymOf('name', 'Anna')).toMatch(/^g2-/);
  });

  it('is what this very computation gives: a change would break the joins of last month', () => {
    const frame = (text: string) => {
      const bytes = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return Buffer.concat([length, bytes]);
    };
    const derived = hmacSha256(secret, frame('sumus pseudonyms'), frame('a study'), frame('1'));
    const mac = hmacSha256(derived, frame('name'), frame('Anna')).subarray(0, 16);
    let bits = '';
    for (const byte of mac) bits += byte.toString(2).padStart(8, '0');
    const digits = bits.padEnd(130, '0').match(/.{5}/g) ?? [];
    const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
    expect(key().pseudonymOf('name', 'Anna')).toBe(
      `g1-${digits.map((five) => alphabet[Number.parseInt(five, 2)]).join('')}`,
    );
  });

  it('takes texts that Unicode calls the same for one', () => {
    expect(key().pseudonymOf('name', 'Mu\u0308ller')).toBe(key().pseudonymOf('name', 'Müller'));
  });

  it('cannot be moved from field to value: the frames say where one ends', () => {
    expect(key().pseudonymOf('ab', 'c')).not.toBe(key().pseudonymOf('a', 'bc'));
  });

  it('is no plain hash of the value', () => {
    const hash = createHash('sha256').update('Anna').digest();
    expect(hash.includes(Buffer.from(hmacSha256(secret, Buffer.from('Anna'))))).toBe(false);
    expect(key().pseudonymOf('name', 'Anna', 32)).toHaveLength(3 + 52);
  });
});

describe('a change of keys', () => {
  it('moves every pseudonym to its new one, and nobody without both keys could', () => {
    const [from, to] = [key(), key({ generation: 2 })];
    const moved = rotation('name', ['Anna', 'Bo'], { from, to });
    expect(moved.get(from.pseudonymOf('name', 'Anna'))).toBe(to.pseudonymOf('name', 'Anna'));
    expect(moved.size).toBe(2);
    // The old pseudonym is not an input of the new one.
    expect([...moved.values()]).not.toContain(to.pseudonymOf('name', from.pseudonymOf('name', 'Anna')));
  });
});

describe('a key for pseudonyms', () => {
  it('is refused when it is short, without purpose, or of no generation', () => {
    for (const wrong of [{ secret: secret.subarray(1) }, { purpose: '' }, { generation: 0 }, { generation: 1.5 }]) {
      expect(() => key(wrong)).toThrow(ParameterError);
    }
    for (const count of [15, 33, 16.5]) expect(() => key().pseudonymOf('name', 'Anna', count)).toThrow(ParameterError);
  });

  it('is not printed and not serialised', () => {
    const one = key();
    expect(() => JSON.stringify({ one })).toThrow(/secret/);
    const derived = hmacSha256(secret, new Uint8Array(0));
    for (const text of [inspect(one, { showHidden: true, depth: 5 }), String(one)]) {
      expect(text).not.toContain(Buffer.from(secret).toString('hex'));
      expect(text).not.toContain(String(derived[0]));
      expect(text).not.toMatch(/Uint8Array/);
    }
  });
});
