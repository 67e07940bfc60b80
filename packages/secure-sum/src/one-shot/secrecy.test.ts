// What a coalition sees tells it nothing but the sum: the coordinator, t_c committee members and all contributors but two are handed one
// of two worlds, in which the two honest contributors have exchanged their vectors, and try to tell which. The coalition has real attacks, and each
// of them is shown to win every time where the one thing it needs is planted: the test can fail.

import { wasmEngine } from '@sumus/lattice/engine';
import { type KeyShare, type OneTimeCiphertext, openSum, PackedSum, reconstructKeySum } from '@sumus/lattice/one-time';
import { nodePrimitives } from '@sumus/platform/node';
import type { Primitives } from '@sumus/platform/primitives';
import { beforeAll, describe, expect, it } from 'vitest';
import { weightsTo } from './committee/ramp.contract.ts';
import { openShare } from './committee/received-shares.ts';
import { play } from './one-shot-driver.contract.ts';
import { vectorOf, type World, world as worldOn } from './one-shot-world.contract.ts';
import { decodeContribution, storedHead } from './round/contribution.ts';

const full =
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'] === '1';
const TRIALS = full ? 600 : 32;
/** One coefficient a polynomial, the plainest sharing: two corrupt members of three. */
const COMMITTEE = { members: 3, corrupt: 2, choice: 'fixed', mayBeBlocked: true } as const;

let engine: Awaited<ReturnType<typeof wasmEngine>>;
beforeAll(async () => {
  engine = await wasmEngine();
});

/** A platform whose stream for one of the lattice's purposes is not what it should be. */
function planted(domain: string, key?: Uint8Array): Primitives {
  const platform = nodePrimitives();
  const letters = Uint8Array.from(domain, (letter) => letter.charCodeAt(0));
  return {
    ...platform,
    chacha20(real, nonce, counter, out) {
      if (letters.some((letter, i) => nonce[i] !== letter)) return platform.chacha20(real, nonce, counter, out);
      if (key === undefined) out.fill(0);
      else platform.chacha20(key, nonce, counter, out);
    },
  };
}

interface View {
  readonly world: World;
  /** Of the first honest contributor. */
  readonly ciphertext: OneTimeCiphertext;
  /** What the corrupt members hold of its key, and the first of it. */
  readonly shares: readonly KeyShare[];
  readonly share: Uint32Array;
  readonly keySum: Int32Array;
  readonly candidates: readonly [Int32Array, Int32Array];
}

/** Which world this is, as far as the coalition can tell; undefined when none of its attacks decodes anything. */
type Attack = (view: View) => Int32Array | undefined;

/** A key is right when the vector decodes under it to one of the two. */
function decodesTo({ world, ciphertext, candidates }: View, key: Int32Array): number | undefined {
  const coefficients = new Int32Array(key);
  try {
    const context = world.round.polynomialSeed;
    const values = openSum(world.lattice, { total: ciphertext, context, keySum: { coefficients, contributions: 1 } });
    const found = candidates.findIndex((one) => one.every((value, i) => value === values[i]));
    return found < 0 ? undefined : found;
  } catch {
    return undefined;
  }
}

const attacks: Readonly<Record<string, Attack>> = {
  /** The public polynomials are zero: the vector stands beside its noise. */
  'no mask': ({ keySum }) => new Int32Array(keySum.length),
  /** All keys are one. */
  'one key for all': ({ keySum }) => keySum.map((sum) => Math.round(sum / 3)),
  /** Shares without randomness: each is a public multiple of a small coefficient. */
  'shares without randomness': ({ world, share }) => {
    const { shareModulus: p } = world.parameters.oneTime;
    const [weight] = weightsTo(world.parameters.oneTime, [p - 1, p - 2, p - 3], 1) as [bigint];
    const range = Array.from({ length: 73 }, (_, i) => i - 36);
    const multiples = new Map(
      range.map((k) => [Number((((weight * BigInt(k)) % BigInt(p)) + BigInt(p)) % BigInt(p)), k]),
    );
    const key = Int32Array.from(share, (element) => multiples.get(element) ?? 99);
    return key.includes(99) ? undefined : key;
  },
  /** A quorum of members, one more than is tolerated, knows everything. */
  'a quorum': ({ world, shares }) =>
    shares.length < world.parameters.oneTime.committee.quorum
      ? undefined
      : reconstructKeySum(world.lattice, world.parameters.oneTime, shares).coefficients,
};

/** How often the coalition is right, and how often it needed no luck. */
async function contest(
  platform: Primitives,
  seed: number,
  corrupt: number = COMMITTEE.corrupt,
): Promise<{ right: number; certain: number }> {
  const world = await worldOn(platform, engine, {
    contributors: 3,
    seed,
    literal: { vectorLength: 150, committee: COMMITTEE },
  });
  const candidates = [vectorOf(world, 1), vectorOf(world, 2)] as const;
  let right = 0;
  let certain = 0;
  for (let trial = 0; trial < TRIALS; trial++) {
    const secret = world.primitives.randomBytes(1)[0]! & 1;
    const vectors = (index: number): Int32Array => (index === 2 ? vectorOf(world, 7) : candidates[index ^ secret]!);
    const { contributions, result } = await play(world, { vectors });
    const { certificate, head, ciphertext, boxes } = decodeContribution(world.parameters, contributions[0]!);
    const verified = storedHead(world.primitives, world.round, { certificate, head });
    const alone = new PackedSum(world.lattice, world.parameters.oneTime, 150);
    alone.add(ciphertext);
    const shares: KeyShare[] = [];
    for (let i = 0; i < corrupt; i++) shares.push(await openShare(world.members[i]!, verified, boxes[i]!));
    const view: View = {
      world,
      ciphertext: alone.total(),
      shares,
      share: shares[0]!.elements,
      keySum: result!.keySum.coefficients,
      candidates,
    };
    alone.release();
    const keys = Object.values(attacks).map((attack) => attack(view));
    const guess = keys
      .map((key) => (key === undefined ? undefined : decodesTo(view, key)))
      .find((one) => one !== undefined);
    if (guess !== undefined) certain++;
    // Nothing decoded: a bit of the ciphertext, as good as any other.
    if ((guess ?? ciphertext[0]! & 1) === secret) right++;
  }
  return { right, certain };
}

describe('a coalition of the coordinator, t_c members and all other contributors', () => {
  it('cannot tell which of the two honest contributors has which vector', async () => {
    const { right, certain } = await contest(nodePrimitives(), 21);
    expect(certain).toBe(0);
    // 5 deviations of a fair coin: α < 1e-6.
    expect(Math.abs(right - TRIALS / 2)).toBeLessThan(5 * Math.sqrt(TRIALS / 4));
  });

  it.each([
    ['public polynomials that are zero', 'publ', undefined],
    ['one key for all', 'tern', new Uint8Array(32).fill(9)],
    ['shares without randomness', 'shar', undefined],
  ])('can, every time, where there is a planted leak: %s', async (_, domain, key) => {
    expect(await contest(planted(domain, key), 22)).toEqual({ right: TRIALS, certain: TRIALS });
  });

  it('can, every time, where it has one member more than is tolerated', async () => {
    expect(await contest(nodePrimitives(), 23, 3)).toEqual({ right: TRIALS, certain: TRIALS });
  });
});
