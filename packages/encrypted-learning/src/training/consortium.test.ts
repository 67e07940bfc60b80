import { addVectors, type EncryptedVector, encryptVector, type PublicKey } from '@sumus/lattice/integers';
import {
  activeSet,
  beginKey,
  DecryptionLedger,
  finishKey,
  foundEpoch,
  type KeyShare,
  openVector,
  partialDecryptVector,
  revealKey,
} from '@sumus/lattice/shared-keys';
import { describe, expect, it } from 'vitest';
import { reproducibleLattice } from '../execute/reproducible-lattice.contract.ts';
import {
  type ConsortiumLiteral,
  consortiumStatement,
  firstState,
  memberContribution,
  nextState,
  planConsortium,
  recheckConsortium,
} from './consortium.ts';
import { authoriseNoisySum, ConsortiumMember } from './consortium-member.ts';
import { descend } from './descent.ts';
import { madeRows, seededSource, unitRows } from './made-rows.contract.ts';
import { recipe } from './recipe.ts';
import { checkRows, selectRows } from './rows.ts';

const literal: ConsortiumLiteral = {
  recipe: {
    model: { kind: 'logistic', activation: { degree: 7 } },
    iterations: 3,
    learningRate: { kind: 'constant', rate: 4 },
    optimiser: 'nesterov',
    projectionRadius: 7.99,
  },
  rowCount: 300,
  mostRows: 150,
  columns: 6,
  normBound: 1,
  adjacency: 'zero-out',
  epsilon: 50,
  delta: 1e-3,
  members: [1, 2, 3],
  threshold: 2,
  missing: 1,
};

const all = unitRows(madeRows({ count: 300, columns: 6, seed: 40 }));
const ofMember = (m: number) =>
  selectRows(
    all,
    Array.from({ length: 100 }, (_, i) => 3 * i + m - 1),
  );

function planned(more: Partial<ConsortiumLiteral> = {}) {
  const found = planConsortium({ ...literal, ...more });
  if (found.kind === 'refused') throw new Error(found.reason);
  return found.plan;
}

describe('a consortium', () => {
  it('without noise to speak of takes the steps of one descent over all rows', () => {
    const plan = planned({ epsilon: 1e4, delta: 0.5 });
    let state = firstState(plan);
    for (let t = 0; t < 3; t += 1) {
      const sum = new Float64Array(6);
      for (const m of [1, 2, 3]) {
        memberContribution(plan, state, ofMember(m), seededSource(10 * t + m)).forEach((value, j) => {
          sum[j] += value;
        });
      }
      state = nextState(plan, state, sum);
    }
    const clear = descend(all, recipe(literal.recipe)).weights;
    expect(Math.hypot(...clear.map((w, j) => w - (state.weights[j] ?? Number.NaN)))).toBeLessThan(0.02);
  });

  it('opens noisy sums under a shared key, exactly, any two members of three', async () => {
    const plan = planned();
    const lattice = await reproducibleLattice(41);
    const epoch = foundEpoch(lattice, plan.shared.key, new Uint8Array(32).fill(4));
    const { publicKey, shares } = found(epoch);
    const ledgers = new Map([1, 2, 3].map((member) => [member, new DecryptionLedger(member)]));
    let state = firstState(plan);
    for (const set of [activeSet(epoch.roster, [1, 3]), activeSet(epoch.roster, [2, 3])]) {
      const contributions = [1, 2, 3].map((m) => memberContribution(plan, state, ofMember(m), seededSource(m)));
      const vectors = contributions.map((values) => encryptVector(lattice, publicKey, plan.shared.integers, values));
      const sum = vectors.reduce((a, b) => addVectors(lattice, a, b));
      const opened = openVector(epoch, sum, set, answersOf(sum, vectors, set.members));
      expect([...opened]).toEqual(
        [0, 1, 2, 3, 4, 5].map((j) => contributions.reduce((total, values) => total + (values[j] ?? 0), 0)),
      );
      state = nextState(plan, state, opened);
      expect(Math.hypot(...state.ahead)).toBeLessThanOrEqual(plan.radius);
    }

    function answersOf(sum: EncryptedVector, vectors: readonly EncryptedVector[], members: readonly number[]) {
      return members.map((member) => {
        const [share, ledger] = [shares.get(member), ledgers.get(member)];
        if (share === undefined || ledger === undefined) throw new Error(`no member ${member}`);
        const set = activeSet(epoch.roster, members);
        const contributions = new Map(vectors.map((vector, i) => [i + 1, vector]));
        const key = { epoch, ledger, activeSet: set };
        // One member's vector alone has one share of the noise: nobody helps to open it, and it is not spent by asking.
        const [alone] = vectors;
        expect(() => authoriseNoisySum(plan, { sum: alone, contributions: new Map([[1, alone]]) }, key)).toThrow(
          /too few shares of noise: 2 of 3/,
        );
        const stranger = new Map([...contributions, [9, alone] as const]);
        expect(() => authoriseNoisySum(plan, { sum, contributions: stranger }, key)).toThrow(/9 is no member/);
        return partialDecryptVector(share, authoriseNoisySum(plan, { sum, contributions }, key));
      });
    }
  }, 60_000);

  it('what the honest members that are left add is what was accounted for: with one missing, and not with two', () => {
    const plan = planned();
    const { noise } = plan;
    expect(noise.shareStddev * Math.sqrt(2)).toBeGreaterThanOrEqual(noise.promisedStddev);
    let square = 0;
    const draws = 300;
    const rows = selectRows(all, [0]);
    // Contributions at the same state differ by their noise alone.
    for (let i = 0; i < draws; i += 1) {
      const [a, b] = [1, 2].map((k) =>
        memberContribution(plan, firstState(plan), rows, seededSource(1000 + 2 * i + k)),
      );
      a?.forEach((value, j) => {
        square += (value - (b?.[j] ?? 0)) ** 2;
      });
    }
    const variance = square / (2 * 6 * draws) / noise.shareStddev ** 2;
    // χ² of 1800: six deviations are 0.2.
    expect(Math.abs(variance - 1)).toBeLessThan(0.2);
    expect(Math.abs(variance - 1.44)).toBeGreaterThan(0.2);
  });

  it('refuses iterates off the ball, sums off the grid, rows that are not its own, more steps than were accounted', () => {
    const plan = planned();
    const first = firstState(plan);
    const far = { ...first, ahead: new Float64Array(6).fill(4) };
    expect(() => memberContribution(plan, far, ofMember(1), seededSource(1))).toThrow(/not on the ball/);
    expect(() => nextState(plan, first, [0.5, 0, 0, 0, 0, 0])).toThrow(/no integer/);
    expect(() => nextState(plan, first, [2 ** 40, 0, 0, 0, 0, 0])).toThrow(/no integer within/);
    expect(() => memberContribution(plan, first, all, seededSource(1))).toThrow(/up to 150 rows/);
    const long = madeRows({ count: 10, columns: 6, seed: 1 });
    expect(() => memberContribution(plan, first, long, seededSource(1))).toThrow(/B = 1/);
    // Targets of ±5 under a bound on targets that labels do not have: gradients five times as long as was accounted for.
    const targets = checkRows({
      features: Float64Array.from({ length: 6 }, () => 0.4),
      columns: 6,
      labels: Float64Array.of(-5),
      normBound: 1,
      labelSet: 5,
    });
    const bounded = planned({ targetBound: 5 });
    expect(() => memberContribution(bounded, firstState(bounded), targets, seededSource(1))).toThrow(/real targets/);
    expect(() => memberContribution(plan, { ...first, step: 3 }, ofMember(1), seededSource(1))).toThrow(
      /accounted for and taken/,
    );
  });

  it('answers a step once: neither at another iterate, nor with other noise, nor after a restart', () => {
    const plan = planned();
    const member = new ConsortiumMember({ plan, rows: ofMember(1), source: seededSource(1) });
    const first = firstState(plan);
    const given = member.contribute(first);
    // The noise of a second draw would be another one, and halves what both hide.
    expect([...memberContribution(plan, first, ofMember(1), seededSource(2))]).not.toEqual([...given]);
    expect([...member.contribute(first)]).toEqual([...given]);
    const elsewhere = { ...first, ahead: Float64Array.from(first.ahead, () => 0.5) };
    expect(() => member.contribute(elsewhere)).toThrow(/answered already/);
    expect(() => member.contribute({ ...first, step: 2 })).toThrow(/the next one is 1/);
    const { answered } = member;
    const restarted = new ConsortiumMember({ plan, rows: ofMember(1), source: seededSource(3), answered });
    expect(() => restarted.contribute(first)).toThrow(/answered already/);
    expect(restarted.contribute({ ...first, step: 1 })).toHaveLength(6);
    expect(() => JSON.stringify(member)).toThrow(/not serialised/);
  });

  it('is not planned without a projection, with batches, or on a ball that is too large', () => {
    const { projectionRadius: _, ...unprojected } = literal.recipe;
    for (const [made, reason] of [
      [unprojected, /project/],
      [{ ...literal.recipe, batchSize: 10 }, /all rows/],
      [{ ...literal.recipe, projectionRadius: 9 }, /does not keep/],
    ] as const) {
      const found = planConsortium({ ...literal, recipe: made });
      expect(found.kind === 'refused' && found.reason).toMatch(reason);
    }
  });

  it('its statement can be worked out again, and one that claims too much is caught', () => {
    const statement = consortiumStatement(planned());
    expect(recheckConsortium(JSON.parse(JSON.stringify(statement)))).toBeUndefined();
    for (const lie of [
      { shareStddev: statement.shareStddev * 0.99 },
      { supError: 0.001 },
      { sensitivity: 0.5 },
      { sensitivity: Number.NaN },
      { shareStddev: Number.NaN },
      { history: statement.history.map((one) => one.replace('"count":3', '"count":2')) },
      { literal: { ...literal, epsilon: 1 } },
      { literal: { ...literal, missing: 2 } },
      { literal: { ...literal, recipe: { ...literal.recipe, projectionRadius: 10 } } },
    ]) {
      expect(recheckConsortium({ ...statement, ...lie })).toBeTypeOf('string');
    }
  });
});

/** A shared key made by all its members in one process. */
function found(epoch: ReturnType<typeof foundEpoch>): {
  readonly publicKey: PublicKey;
  readonly shares: ReadonlyMap<number, KeyShare>;
} {
  const begun = epoch.roster.members.map((member) => beginKey(epoch, member));
  const commitments = begun.map(({ commitment }) => commitment);
  const revealed = begun.map(({ state }) => revealKey(state, commitments));
  const contributions = revealed.map(({ contribution }) => contribution);
  const finished = revealed.map(({ state }) =>
    finishKey(
      state,
      contributions,
      revealed.flatMap(({ dealings }) => dealings).filter(({ to }) => to === state.member),
      revealed.flatMap(({ pairSeeds }) => pairSeeds).filter(({ to }) => to === state.member),
    ),
  );
  const [first] = finished;
  if (first === undefined) throw new Error('no members');
  return { publicKey: first.publicKey, shares: new Map(finished.map(({ share }) => [share.member, share])) };
}
