import { nodePrimitives } from '@sumus/platform/node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OpenContext, openContext } from '../context/index.ts';
import { MalformedMessage, ParameterError } from '../errors.ts';
import { codeOf, flipped, openAt, seededPrimitives } from '../seeded-members.contract.ts';
import {
  confirmEntry,
  decodeHighWater,
  type EnteredRound,
  encodeHighWater,
  type HighWater,
  nothingEntered,
  proposeEntry,
  resumeAbove,
} from './index.ts';

fc.configureGlobal({ seed: 20_261_120 });

const primitives = seededPrimitives(nodePrimitives(), 8);
const at = (round: number, flush?: number, taskId = 'sepsis'): OpenContext => {
  const { fields } = openAt(primitives, round, taskId);
  return openContext(primitives, { ...fields, flush });
};
const enter = (water: HighWater, context: OpenContext): HighWater => {
  const proposed = proposeEntry(primitives, water, context);
  confirmEntry(proposed, proposed.bytes);
  return proposed.next;
};
const refused = (water: HighWater, context: OpenContext): Promise<unknown> =>
  codeOf(() => proposeEntry(primitives, water, context));

describe('the high-water mark', () => {
  it('refuses every round and flush at or below the highest entered (attack 14)', async () => {
    const water = enter(nothingEntered(), at(7, 2));
    for (const [round, flush] of [
      [7, 2],
      [7, 1],
      [7, 0],
      [6, 9],
      [0, 0],
    ]) {
      expect(await refused(water, at(round!, flush!))).toBe('E_REPLAY');
    }
    enter(enter(water, at(7, 3)), at(8, 0));
  });

  it('survives a restart: what was stored refuses as before (attack 14)', async () => {
    const proposed = proposeEntry(primitives, nothingEntered(), at(7, 2));
    // The crash comes after storing and before sending; the round is lost, not repeated.
    const restored = decodeHighWater(primitives, proposed.bytes);
    expect(await refused(restored, at(7, 2))).toBe('E_REPLAY');
    expect(restored).toEqual(proposed.next);
  });

  it('refuses a second context for one round: another model, configuration or policy (attack 16)', async () => {
    const first = at(7, 0);
    const water = enter(nothingEntered(), first);
    const second = openContext(primitives, { ...first.fields, modelHash: new Uint8Array(32).fill(99) });
    expect(second.hash).not.toEqual(first.hash);
    expect(await refused(water, second)).toBe('E_REPLAY');
  });

  it('lets one round be entered from one mark: not two contexts of a round, which storage does not tell apart (attack 16)', async () => {
    const water = nothingEntered();
    const [one, other] = [
      at(7, 0),
      openContext(primitives, { ...at(7, 0).fields, modelHash: new Uint8Array(32).fill(9) }),
    ];
    const [first, second] = [one, other].map((context) => proposeEntry(primitives, water, context));
    expect(second!.bytes).toEqual(first!.bytes);
    // Until one is confirmed, either may be: storing may fail.
    expect(await codeOf(() => confirmEntry(first!, first!.bytes.subarray(1)))).toBe('E_PARAMETER');
    confirmEntry(first!, first!.bytes);
    expect(await codeOf(() => confirmEntry(second!, first!.bytes))).toBe('E_PARAMETER');
    // Nor another task: its bytes would not have the first one's mark.
    expect(await codeOf(() => proposeEntry(primitives, water, at(7, 0, 'stroke')))).toBe('E_PARAMETER');
    enter(first!.next, at(7, 0, 'stroke'));
    expect(await codeOf(() => confirmEntry({ ...second! }, first!.bytes))).toBe('E_PARAMETER');
    // Another participant's mark is its own.
    enter(nothingEntered(), other);
  });

  it('keeps tasks apart, and takes a context without flush for its whole round', async () => {
    let water = enter(nothingEntered(), at(7, 0));
    water = enter(water, at(3, undefined, 'stroke'));
    expect(await refused(water, at(3, undefined, 'stroke'))).toBe('E_REPLAY');
    expect(await refused(water, at(7, 0))).toBe('E_REPLAY');
    water = enter(water, at(4, undefined, 'stroke'));
    expect(decodeHighWater(primitives, encodeHighWater(primitives, water))).toEqual(water);
  });

  it('lets nobody begin before the mark is stored, nor twice', () => {
    const proposed = proposeEntry(primitives, nothingEntered(), at(1, 0));
    expect(() => confirmEntry(proposed, new Uint8Array(0))).toThrow(ParameterError);
    expect(() => confirmEntry(proposed, flipped(proposed.bytes, 9))).toThrow(ParameterError);
    const entered: EnteredRound = confirmEntry(proposed, proposed.bytes);
    expect(entered.point).toEqual({ round: 1, flush: 0 });
    expect(() => confirmEntry(proposed, proposed.bytes)).toThrow(/another round was entered/);
    // @ts-expect-error A proposal is no entry.
    const notYet: EnteredRound = proposed;
    expect(notYet).toBe(proposed);
  });

  it('that is damaged is refused, never read as a lower one', () => {
    const { bytes } = proposeEntry(primitives, nothingEntered(), at(7, 2));
    for (let i = 0; i < bytes.length; i++) {
      expect(() => decodeHighWater(primitives, bytes.subarray(0, i))).toThrow(MalformedMessage);
      expect(() => decodeHighWater(primitives, flipped(bytes, i))).toThrow(MalformedMessage);
    }
    expect(() => decodeHighWater(primitives, Uint8Array.of(...bytes, 0))).toThrow(MalformedMessage);
  });

  it('only ever rises, in any order of attempts', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(3)), { maxLength: 30 }), (points) => {
        let water = nothingEntered();
        const entered: number[] = [];
        for (const [round, flush] of points) {
          const value = round * 100 + flush;
          try {
            water = enter(water, at(round, flush));
            entered.push(value);
          } catch {
            expect(value).toBeLessThanOrEqual(entered.at(-1) ?? -1);
          }
        }
        expect(entered).toEqual([...new Set(entered)].sort((a, b) => a - b));
      }),
    );
  });

  it('begins anew above a point that somebody else remembers', async () => {
    const water = resumeAbove('hospitals', 'sepsis', { round: 9, flush: 0 });
    expect(await refused(water, at(9, 0))).toBe('E_REPLAY');
    enter(water, at(9, 1));
    expect(() => resumeAbove('a b', 'c', { round: 0, flush: 0 })).toThrow(ParameterError);
  });
});
