import { inspect } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import { generateSecretKey } from '../keys/generate.ts';
import { reproducibleLattice } from '../keys/node-lattice.contract.ts';
import { generatePublicKey } from '../keys/public-key.ts';
import { add, automorphismOfEvaluations, subtract } from '../ring/operations.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import { subring } from '../ring/ring.ts';
import { commitTo, contribution } from './commitments.ts';
import { commonSeed, foundEpoch, type KeyEpoch } from './epoch.ts';
import { collectiveSecret, found, insecureParameters, phase, shareOf } from './founding.contract.ts';
import { insecureFounded } from './insecure-founding.contract.ts';
import { beginKey, collectivePublicKey, finishKey, revealKey } from './key-generation.ts';
import type { Commitment, Contribution } from './messages.ts';

const seed = new Uint8Array(32).fill(1);

async function epochOf(choice = {}, publicSeed = seed): Promise<KeyEpoch> {
  return foundEpoch(await reproducibleLattice(3), insecureParameters(choice).key, publicSeed);
}

describe('making a key that nobody holds', () => {
  it('gives everybody the same public key, an encryption of zero under the sum of all secrets', async () => {
    const founded = await insecureFounded();
    const { publicKey, epoch } = founded;
    const noise = phase(founded, publicKey.b, publicKey.a);
    // Five errors of deviation 3.24: none beyond 14.7 deviations of their sum.
    const bound = 14.7 * Math.sqrt(5 * 10.5);
    expect(noise.every((x) => Math.abs(Number(x)) < bound)).toBe(true);
    expect(noise.some((x) => x !== 0n)).toBe(true);
    const observer = collectivePublicKey(epoch, founded.commitments, founded.contributions);
    expect(observer.b.residues).toEqual(publicKey.b.residues);
    expect(observer.a.residues).toEqual(publicKey.a.residues);
  });

  it('names an epoch by parameters and seed: any difference gives another common polynomial', async () => {
    const runs = await Promise.all([
      epochOf(),
      epochOf({}, new Uint8Array(32).fill(2)),
      epochOf({ threshold: 4 }),
      epochOf({ members: [1, 2, 3, 4, 6] }),
      epochOf({ decryptions: 101 }),
      epochOf({ additions: 11 }),
    ]);
    const names = new Set(runs.map(({ run }) => run.join()));
    expect(names.size).toBe(runs.length);
    expect(commonSeed(runs[0], 'public key')).not.toEqual(commonSeed(runs[0], 'relinearisation 1'));
    expect((await epochOf()).run).toEqual(runs[0].run);
  });

  it('refuses seeds that are not 32 bytes and members that are not of the epoch', async () => {
    const epoch = await epochOf();
    expect(() => foundEpoch(epoch.lattice, epoch.parameters, new Uint8Array(31))).toThrow(ParameterError);
    expect(() => beginKey(epoch, 6)).toThrow(/6 is not one of the members/);
  });
});

describe('the rounds of key generation', () => {
  let epoch: KeyEpoch;
  let begun: ReturnType<typeof beginKey>[];
  let commitments: Commitment[];
  let revealed: ReturnType<typeof revealKey>[];
  let contributions: Contribution[];
  beforeAll(async () => {
    epoch = await epochOf({ members: [1, 2, 3], threshold: 2 });
    begun = [1, 2, 3].map((member) => beginKey(epoch, member));
    commitments = begun.map(({ commitment }) => commitment);
    revealed = begun.map(({ state }) => revealKey(state, commitments));
    contributions = revealed.map((r) => r.contribution);
  });

  const changed = ({ ring, residues }: EvaluationPolynomial): EvaluationPolynomial => {
    const other = residues.slice();
    other[5] = (other[5] + 1) % ring.moduli[0].q;
    return evaluationPolynomial(ring, other);
  };

  it('refuse commitments that are missing, doubled, foreign, of another run, of another step, or of the wrong length', () => {
    const [{ state }] = begun;
    const [a, b, c] = commitments;
    const wrong: [Commitment[], RegExp][] = [
      [[a, b], /commitment of member 3 is missing/],
      [[a, b, b], /member 2 sent two messages/],
      [[a, b, c, { ...c, from: 9 }], /from 9, who is no member/],
      [[a, b, { ...c, run: new Uint8Array(32) }], /member 3 belongs to another run/],
      [[a, b, { ...c, step: 'relinearisation 1' }], /member 3 belongs to relinearisation 1/],
      [[a, b, { ...c, digest: new Uint8Array(31) }], /member 3 has 31 bytes/],
      [[{ ...a, digest: new Uint8Array(32) }, b, c], /commitment of member 1 came back changed/],
    ];
    for (const [messages, complaint] of wrong) {
      expect(() => revealKey(state, messages)).toThrow(complaint);
      expect(() => revealKey(state, messages)).toThrow(ProtocolViolation);
    }
  });

  it('are the same when a round is repeated: nobody gets a share of a second sharing', () => {
    const again = revealKey(begun[0].state, commitments);
    expect(again.dealings.map(({ to, share }) => [to, share.residues])).toEqual(
      revealed[0].dealings.map(({ to, share }) => [to, share.residues]),
    );
    expect(again.state.own.share.residues).toEqual(revealed[0].state.own.share.residues);
    expect(again.pairSeeds.map(({ to, seed }) => [to, seed])).toEqual(
      revealed[0].pairSeeds.map(({ to, seed }) => [to, seed]),
    );
    // Of another member, or for another receiver, they are others.
    const all = revealed.flatMap((r) => [...r.dealings.map(({ share }) => share.residues), r.state.own.share.residues]);
    expect(new Set(all.map(String)).size).toBe(9);
    const seeds = revealed.flatMap((r) => r.pairSeeds.map(({ seed }) => seed));
    expect(new Set(seeds.map(String)).size).toBe(6);
  });

  it('refuse contributions that are not what was committed to: the rogue key', () => {
    // Member 3 waits for the others and answers with b* − b_1 − b_2, so that the collective key is b*, its own alone.
    const own = generateSecretKey(epoch.lattice, epoch.ring);
    const target = generatePublicKey(epoch.lattice, epoch.dataRing, own, commonSeed(epoch, 'public key'));
    const [one, two] = contributions.map(({ polynomials: [b] }) => b);
    const rogue = contribution(epoch, 'public key', 3, [subtract(subtract(target.b, one), two)]);
    const sent = [contributions[0], contributions[1], rogue];
    expect(() => collectivePublicKey(epoch, commitments, sent)).toThrow(
      /contribution of member 3 to public key is not what it committed to/,
    );
    // Where commitments come late, it works: the check is what stands in the way.
    const late = [commitments[0], commitments[1], commitTo(epoch, rogue)];
    expect(collectivePublicKey(epoch, late, sent).b.residues).toEqual(target.b.residues);
  });

  it('refuse contributions and dealings of the wrong shape or range, and say whose', () => {
    const { state, dealings, pairSeeds } = revealed[0];
    const mine = { dealings: revealed.flatMap((r) => r.dealings).filter(({ to }) => to === 1) };
    const seeds = revealed.flatMap((r) => r.pairSeeds).filter(({ to }) => to === 1);
    const { ring } = epoch;
    const outOfRange = (x: number): EvaluationPolynomial => {
      const residues = new Uint32Array(ring.degree * ring.moduli.length);
      residues[ring.degree + 3] = x;
      return evaluationPolynomial(ring, residues);
    };
    const short = evaluationPolynomial(ring, new Uint32Array(ring.degree));
    const otherRing = subring(ring, [1]);
    const foreign = evaluationPolynomial(otherRing, new Uint32Array(otherRing.degree));
    for (const share of [
      outOfRange(ring.moduli[1].q),
      outOfRange(2 ** 31),
      outOfRange(2 ** 32 - 1),
      outOfRange(2 ** 32 - ring.moduli[1].q),
      short,
      foreign,
    ]) {
      const [two, three] = mine.dealings;
      expect(() => finishKey(state, contributions, [{ ...two, share }, three], seeds)).toThrow(
        /dealing of member 2 (is over another ring|has .* residue)/,
      );
      const bad = contribution(epoch, 'public key', 2, [share]);
      const late = [commitments[0], commitTo(epoch, bad), commitments[2]];
      expect(() => collectivePublicKey(epoch, late, [contributions[0], bad, contributions[2]])).toThrow(
        ProtocolViolation,
      );
    }
    const [two, three] = mine.dealings;
    expect(() => finishKey(state, contributions, [two], seeds)).toThrow(/dealing of member 3 is missing/);
    expect(() => finishKey(state, contributions, [two, { ...three, to: 2 }], seeds)).toThrow(
      /dealing of member 3 is for 2, not for 1/,
    );
    expect(() => finishKey(state, contributions, [two, three, dealings[0]], seeds)).toThrow(/two messages/);
    expect(() => finishKey(state, contributions, [two, three], pairSeeds)).toThrow(ProtocolViolation);
    const [s2, s3] = seeds;
    expect(() => finishKey(state, contributions, [two, three], [s2, { ...s3, seed: new Uint8Array(16) }])).toThrow(
      /pair seed of member 3 has 16 bytes/,
    );
    const extra = contribution(epoch, 'public key', 2, [
      ...contributions[1].polynomials,
      ...contributions[1].polynomials,
    ]);
    expect(() => collectivePublicKey(epoch, commitments, [contributions[0], extra, contributions[2]])).toThrow(
      /member 2 to public key has 2 polynomials, not 1/,
    );
  });

  it('work when nobody interferes, even after all the refusals: nothing was half done', () => {
    const finished = revealed.map(({ state }) =>
      finishKey(
        state,
        contributions,
        revealed.flatMap((r) => r.dealings).filter(({ to }) => to === state.member),
        revealed.flatMap((r) => r.pairSeeds).filter(({ to }) => to === state.member),
      ),
    );
    expect(finished[2].publicKey.b.residues).toEqual(finished[0].publicKey.b.residues);
    for (const dealing of revealed.flatMap((r) => r.dealings))
      expect(dealing.share.residues.every((x) => x === 0)).toBe(true);
    for (const pairSeed of revealed.flatMap((r) => r.pairSeeds)) expect(pairSeed.seed.every((x) => x === 0)).toBe(true);
    const { state } = revealed[0];
    const mine = revealed.flatMap((r) => r.dealings).filter(({ to }) => to === 1);
    const seeds = revealed.flatMap((r) => r.pairSeeds).filter(({ to }) => to === 1);
    expect(() => finishKey(state, contributions, mine, seeds)).toThrow(/has been used: it is all zeros/);
    const one = finished[0].share;
    const two = finished[1].share;
    expect(one.revealPairKey(2)).toEqual(two.revealPairKey(1));
    expect(one.revealPairKey(3)).not.toEqual(one.revealPairKey(2));
  });

  it('are changed by any bit of a contribution', () => {
    const [first, ...rest] = contributions;
    const other = contribution(epoch, 'public key', 1, [changed(first.polynomials[0])]);
    expect(() => collectivePublicKey(epoch, commitments, [other, ...rest])).toThrow(ProtocolViolation);
  });
});

describe('a dealing, a pair seed, and the states that keep them', () => {
  it('are neither printed nor serialised', async () => {
    const epoch = await epochOf({ members: [1, 2], threshold: 2 });
    const begun = [1, 2].map((member) => beginKey(epoch, member));
    const commitments = begun.map(({ commitment }) => commitment);
    const { state, dealings, pairSeeds } = revealKey(begun[0].state, commitments);
    for (const secret of [dealings[0], pairSeeds[0], state, begun[0].state]) {
      expect(() => JSON.stringify(secret)).toThrow(ParameterError);
    }
    const shown = inspect([dealings, pairSeeds, state.own, state.pairSeeds, state.secret], {
      depth: 9,
      maxArrayLength: 9999,
    });
    expect(shown).toContain('Secret(dealing from 1 to 2)');
    expect(shown).not.toContain(dealings[0].share.residues[0].toString());
    expect(shown).not.toContain(pairSeeds[0].seed.slice(0, 3).join(', '));
    expect(`${pairSeeds[0]}`).toBe('Secret(pair seed from 1 to 2)');
  });
});

describe('a key share', () => {
  it('is neither printed nor serialised, and gone after wipe()', async () => {
    const founded = await insecureFounded();
    const share = shareOf(founded, 2);
    const residue = share.reveal().residues[0].toString();
    for (const text of [String(share), inspect(share), inspect(share, { depth: 9, showHidden: true })]) {
      expect(text).toBe('KeyShare(member 2, 3 of 5)');
      expect(text).not.toContain(residue);
    }
    expect(() => JSON.stringify({ share })).toThrow(ParameterError);
    const polynomial = share.reveal();
    const pair = share.revealPairKey(1);
    share.wipe();
    expect(polynomial.residues.every((x) => x === 0)).toBe(true);
    expect(pair.every((x) => x === 0)).toBe(true);
    expect(() => share.reveal()).toThrow(/wiped/);
    expect(() => share.revealPairKey(1)).toThrow(/wiped/);
  });

  it('of another founding is another share: the secret is the sum of what all drew', async () => {
    const one = await insecureFounded({}, 1);
    const two = await insecureFounded({}, 2);
    expect(collectiveSecret(one).residues).not.toEqual(collectiveSecret(two).residues);
    const sum = one.secrets.map((secret) => secret.reveal()).reduce((x, y) => add(x, y));
    expect(collectiveSecret(one).residues).toEqual(sum.residues);
    expect(automorphismOfEvaluations(sum, 3).residues).not.toEqual(sum.residues);
  });

  it('can be founded again and again on one engine', async () => {
    const epoch = await epochOf();
    expect(found(epoch).publicKey.b.residues).not.toEqual(found(epoch).publicKey.b.residues);
  });
});
