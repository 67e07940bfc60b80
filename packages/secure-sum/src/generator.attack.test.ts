// Attack 74 of the specification's list, across the protocols: the platform's generator fails, by throwing, by giving too little, or by
// giving zeros. Whoever draws stops, sends nothing, and can go on from where it stood when the generator is well again.

import { wasmEngine as latticeEngine } from '@sumus/lattice/engine';
import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { commitToBeacon } from './beacon/contributor.ts';
import { rosterEntry } from './beacon/index.ts';
import { wasmEngine } from './engine/index.ts';
import type { LoggedEntry } from './log/index.ts';
import { SimulatedRound, simulatedProject } from './mask/simulation.contract.ts';
import { makeContribution } from './one-shot/one-shot-driver.contract.ts';
import { world } from './one-shot/one-shot-world.contract.ts';
import { freshSecretBytes, freshSecretKey, type SecretPrimitives } from './secret-primitives.ts';
import { errorOf, project, seededPrimitives } from './seeded-members.contract.ts';
import { beginFounding } from './threshold/founding.ts';
import { contributionsTo, freshStates, opened } from './threshold/malicious-coordinator.contract.ts';
import { MEMBER_RULES } from './threshold/member-rules.ts';
import {
  contributionOf,
  found,
  roundAt,
  startOf,
  valuesOfSilo,
  worldOf,
} from './threshold/threshold-world.contract.ts';

type Generator = SecretPrimitives['randomBytes'];
const broken = new Error('no entropy');
const failures: readonly [string, Generator][] = [
  [
    'throws',
    () => {
      throw broken;
    },
  ],
  ['gives nothing', () => new Uint8Array(0)],
  ['gives one byte too few', (length) => new Uint8Array(Math.max(0, length - 1)).fill(7)],
  ['gives zeros', (length) => new Uint8Array(length)],
];

/** Fails from the `after`th call on. */
function failing(primitives: SecretPrimitives, after: number, fails: Generator): SecretPrimitives {
  let calls = 0;
  return { ...primitives, randomBytes: (length) => (calls++ < after ? primitives.randomBytes(length) : fails(length)) };
}

/** How the generator's own failure ends, or the refusal of what it gave. */
const ends = (error: Error): boolean => error === broken || error.name === 'ParameterError';

describe.each(failures)('attack 74: a generator that %s', (_, fails) => {
  it('makes no key, no secret and no commitment', async () => {
    const primitives = seededPrimitives(nodePrimitives(), 74);
    const { members, open } = await project(primitives, 1);
    const without = failing(primitives, 0, fails);
    expect(ends(await errorOf(() => freshSecretBytes(without, 32)))).toBe(true);
    expect(ends(await errorOf(() => freshSecretKey(without, 'x25519')))).toBe(true);
    expect(ends(await errorOf(() => freshSecretKey(without, 'ed25519')))).toBe(true);
    const logged = rosterEntry(open, open.hash) as LoggedEntry;
    expect(ends(await errorOf(() => commitToBeacon(without, members[0]!.memberId, open, logged)))).toBe(true);
  });

  it('opens no round of mask', async () => {
    const project = await simulatedProject(nodePrimitives(), await wasmEngine(), 4);
    const primitives = failing(project.primitives, 0, fails);
    const round = new SimulatedRound({ ...project, primitives }, { members: 4 });
    expect(ends(await errorOf(() => round.advertise()))).toBe(true);
    expect(round.wire).toEqual([]);
  });

  it('contributes nothing to one-shot', async () => {
    const one = await world(nodePrimitives(), await latticeEngine());
    const primitives = failing(one.primitives, 0, fails);
    const lattice = { ...one.lattice, primitives };
    const contributors = one.contributors.map((contributor) => ({ ...contributor, primitives, lattice }));
    expect(ends(await errorOf(() => makeContribution({ ...one, contributors }, 0)))).toBe(true);
    await makeContribution(one, 0);
  });
});

describe.each(failures)('attack 74: a generator that %s', (_, fails) => {
  it('founds no key among silos', async () => {
    const circle = await worldOf(nodePrimitives());
    const primitives = failing(circle.primitives, 0, fails);
    const lattice = { ...circle.setting.lattice, primitives };
    const members = circle.members.map((member) => ({ ...member, primitives, lattice }));
    const setting = { ...circle.setting, lattice };
    expect(ends(await errorOf(() => found({ ...circle, primitives, setting, members })))).toBe(true);
    // The lattice's generator is well, the member's own is not: the nonce of its part in the challenge.
    const [first] = circle.members;
    const begun = errorOf(() => beginFounding({ ...first!, primitives }, startOf(circle)));
    expect(ends(await begun)).toBe(true);
  });

  it('encrypts nothing to a key of silos, and answers for nothing', async () => {
    const founded = await found(await worldOf(nodePrimitives()));
    const round = roundAt(founded, 1);
    const primitives = failing(founded.primitives, 0, fails);
    const without = { ...founded.epoch.lattice, primitives };
    const epoch = { ...founded.epoch, lattice: without };
    const contributing = contributionOf({ ...founded, epoch }, 0, round, valuesOfSilo(founded, 0));
    expect(ends(await errorOf(() => contributing))).toBe(true);
    // Promises are made; the key that an answer is sealed with is drawn after.
    const contributions = await contributionsTo(founded, round, [0, 1, 2]);
    const states = freshStates(founded);
    const asked = { round, contributions, activeSet: [1, 2, 3, 4] };
    const serving = founded.serving.map((member) => ({ ...member, primitives }));
    expect(ends(await errorOf(() => opened({ ...founded, serving }, MEMBER_RULES, states, asked)))).toBe(true);
    // From the same states, when the generator is well.
    expect((await opened(founded, MEMBER_RULES, states, asked)).sum).toHaveLength(100);
  });
});

describe('attack 74: a generator that fails in the middle', () => {
  it('stops every step that draws, at each of its draws, and sends nothing', async () => {
    const world = await simulatedProject(nodePrimitives(), await wasmEngine(), 4);
    const round = new SimulatedRound(world, { members: 4 });
    await round.advertise();
    await round.drawBeacon();
    const [setup] = round.setups as [(typeof round.setups)[0]];
    const [machine, state, event] = [round.machine(0), round.states[0]!, round.rosterEvent!];
    // A seed, and the coefficients of two sharings.
    for (let after = 0; after < 3; after++) {
      for (const [, fails] of failures) {
        const primitives = failing(world.primitives, after, fails);
        expect(ends(await errorOf(() => machine.step({ ...setup, primitives }, state, event)))).toBe(true);
      }
    }
    // Nothing was answered: the same state steps when the generator is well.
    const { outputs } = await machine.step(setup, state, event);
    expect(outputs.map(({ kind }) => kind)).toEqual(['persist', 'send']);
  });
});
