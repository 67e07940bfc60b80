import { inspect } from 'node:util';
import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { ParameterError } from '../errors.ts';
import type { Kind } from './envelope.ts';
import { messageCases } from './messages.contract.ts';

// What comes out of a decoder of something secret is as shy as what went in.

const secretKinds: readonly Kind[] = ['secret key', 'key share', 'dealing', 'pair seed', 'one-time key share'];
const cases = messageCases(await wasmEngine(), nodePrimitives());
const secrets = cases.filter(({ kind }) => secretKinds.includes(kind));

describe.each(secrets.map((one) => [one.name, one] as const))('%s, decoded', (_, one) => {
  const value = one.decode(one.encode());

  it('prints as its kind alone, inside other things too', () => {
    for (const text of [
      String(value),
      `${value}`,
      inspect(value, { depth: 9, showHidden: true }),
      inspect({ inside: [value] }, { depth: 9, showHidden: true }),
    ]) {
      expect(text).toMatch(/(Secret|SecretKey|KeyShare)\(.*\)/);
      expect(text).not.toMatch(/Array|residues|elements|coefficients/);
      expect(text.length).toBeLessThan(120);
    }
  });

  it('is not copied by accident: spreading and cloning lose it, where they do not throw', () => {
    const fields = (copy: object): string[] =>
      Object.keys(copy).filter((name) => /seed|share|elements|coefficients|polynomial|residues/i.test(name));
    expect(fields({ ...Object(value) })).toEqual([]);
    let clone: object = {};
    try {
      clone = structuredClone(Object(value));
    } catch (error) {
      expect(error).toHaveProperty('name', 'DataCloneError');
    }
    expect(fields(clone)).toEqual([]);
  });

  it('is not serialised by accident', () => {
    expect(() => JSON.stringify({ inside: [value] })).toThrow(ParameterError);
  });
});

describe('the test', () => {
  it('saw every kind of secret, and would see a public message print itself', () => {
    expect(new Set(secrets.map(({ kind }) => kind)).size).toBe(secretKinds.length);
    const open = cases.find(({ kind }) => kind === 'one-time key sum');
    expect(inspect(open?.decode(open.encode()))).toMatch(/Array|coefficients/);
  });
});
