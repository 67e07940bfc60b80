import { inspect } from 'node:util';
import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { memberId } from '../canonical/index.ts';
import { MalformedMessage, ParameterError } from '../errors.ts';
import {
  cosignedBytes,
  encodeEntry,
  type LogEntry,
  type LoggedEntry,
  type LogView,
  openLogView,
  proveInclusion,
  requireLogged,
  signTreeHead,
  treeOf,
  withCosignatures,
} from '../log/index.ts';
import { type MessageKind, signMessage, type VerifiedMessage, verifyMessage } from '../messages/index.ts';
import {
  codeOf,
  errorOf,
  flipped,
  freshSigner,
  NOW_MS,
  openAt,
  project,
  seededPrimitives,
  type TestMember,
  type TestProject,
} from '../seeded-members.contract.ts';
import {
  type CommittedContributor,
  commitToBeacon,
  decodeContributor,
  encodeContributorInTheClear,
  revealForBeacon,
} from './contributor.ts';
import {
  BEACON_COMMIT,
  BEACON_REVEAL,
  type Beacon,
  type Commitments,
  type ContributorRule,
  commitmentsEntry,
  contributorRule,
  drawBeacon,
  encodeBeaconBody,
  gatherCommitments,
  requireContributors,
  rosterEntry,
} from './index.ts';

const primitives = seededPrimitives(nodePrimitives(), 6);
const rosterRoot = new Uint8Array(32).fill(77);
let world: TestProject;

/** Shows entries in a log whose only witness is a fresh one. */
async function logged(...entries: LogEntry[]): Promise<LoggedEntry[]> {
  const log = await freshSigner(primitives);
  const tree = treeOf(primitives, entries.map(encodeEntry));
  const head = await signTreeHead(primitives, log, tree, NOW_MS);
  const witness = await freshSigner(primitives);
  const memberId = world.members[0]!.memberId;
  const signature = await witness.sign(cosignedBytes(head, memberId));
  const trust = { logKey: log.publicKey, witnesses: [{ memberId, publicKey: witness.publicKey }] };
  const view: LogView = await openLogView(
    primitives,
    trust,
    withCosignatures(head, [{ witness: memberId, signature }]),
  );
  return entries.map((entry, index) =>
    requireLogged(primitives, view, entry, { index, path: proveInclusion(primitives, tree, index) }),
  );
}

async function said(
  member: TestMember,
  kind: MessageKind,
  body: Uint8Array,
  context = world.open,
): Promise<VerifiedMessage> {
  const { signer, memberId: sender, certificate } = member;
  const message = await signMessage(primitives, signer, context, { ...kind, sender, body });
  return verifyMessage(primitives, message, { ...kind, context, sender: certificate });
}

interface Round {
  readonly states: CommittedContributor[];
  readonly commits: VerifiedMessage[];
  readonly commitments: Commitments;
  readonly list: LoggedEntry;
}

async function committed(members: readonly TestMember[] = world.members, root = rosterRoot): Promise<Round> {
  const [roster] = await logged(rosterEntry(world.open, root));
  const steps = members.map((member) => commitToBeacon(primitives, member.memberId, world.open, roster!));
  const commits = await Promise.all(steps.map((step, i) => said(members[i]!, BEACON_COMMIT, step.body)));
  const commitments = gatherCommitments(primitives, world.open, root, commits);
  const [list] = await logged(commitmentsEntry(commitments));
  return { states: steps.map((step) => step.state), commits, commitments, list: list! };
}

const rule = (atLeast: number): ContributorRule => ({
  allowed: new Set(world.members.map((one) => one.memberId)),
  atLeast,
});

const revealed = ({ states, commitments, list }: Round, members = world.members): Promise<VerifiedMessage[]> =>
  Promise.all(
    states.map((state, i) => {
      const { body } = revealForBeacon(primitives, state, commitments, list, rule(3));
      return said(members[i]!, BEACON_REVEAL, body);
    }),
  );

function drawn(outcome: ReturnType<typeof drawBeacon>): string {
  if (outcome.kind !== 'beacon') throw new Error(outcome.reason);
  return Buffer.from(outcome.value).toString('hex');
}

beforeAll(async () => {
  world = await project(primitives, 4);
});

describe('the beacon', () => {
  it('is the same for everybody, in whatever order messages arrive', async () => {
    const round = await committed();
    const reveals = await revealed(round);
    const value = drawn(drawBeacon(primitives, round.commitments, reveals, rule(3)));
    const commitments = gatherCommitments(primitives, world.open, rosterRoot, [...round.commits].reverse());
    expect(commitments).toEqual(round.commitments);
    expect(drawn(drawBeacon(primitives, commitments, [...reveals].reverse(), rule(3)))).toBe(value);
  });

  it('is another as soon as one contribution is another', async () => {
    const [first, second] = [await committed(), await committed()];
    const values = [first, second].map(async (round) =>
      drawn(drawBeacon(primitives, round.commitments, await revealed(round), rule(3))),
    );
    expect(new Set(await Promise.all(values)).size).toBe(2);
  });

  it('is not drawn without every contribution; who holds back is named', async () => {
    const round = await committed();
    const reveals = await revealed(round);
    const outcome = drawBeacon(primitives, round.commitments, reveals.slice(1), rule(3));
    expect(outcome).toMatchObject({ kind: 'aborted', code: 'E_BEACON', members: [world.members[0]!.memberId] });
    // @ts-expect-error What is not drawn has no value.
    expect((outcome satisfies Beacon | { kind: 'aborted' }).value).toBeUndefined();
  });

  it('convicts who reveals something else, or reveals without commitment', async () => {
    const round = await committed();
    const reveals = await revealed(round);
    const [cheat] = world.members;
    const wrong = await said(cheat!, BEACON_REVEAL, encodeBeaconBody(round.commitments.hash, new Uint8Array(32)));
    const error = await errorOf(() => drawBeacon(primitives, round.commitments, [wrong, ...reveals.slice(1)], rule(3)));
    expect(error.code).toBe('E_BEACON');
    expect(error.evidence).toHaveLength(1);
    const fewer = gatherCommitments(primitives, world.open, rosterRoot, round.commits.slice(1));
    expect(await codeOf(() => drawBeacon(primitives, fewer, reveals, rule(3)))).toBe('E_BEACON');
    // Revealed for a longer list, replayed for a shorter one that has its sender in it.
    expect(await codeOf(() => drawBeacon(primitives, fewer, reveals.slice(1), rule(3)))).toBe('E_BEACON');
  });

  it('takes one commitment and one reveal a member, for this roster, in this context', async () => {
    const round = await committed();
    const reveals = await revealed(round);
    const twice = [...round.commits, round.commits[0]!];
    expect(await codeOf(() => gatherCommitments(primitives, world.open, rosterRoot, twice))).toBe('E_DUPLICATE');
    expect(await codeOf(() => drawBeacon(primitives, round.commitments, [...reveals, reveals[0]!], rule(3)))).toBe(
      'E_DUPLICATE',
    );
    const other = flipped(rosterRoot, 0);
    expect(await codeOf(() => gatherCommitments(primitives, world.open, other, round.commits))).toBe('E_BEACON');
    const next = openAt(primitives, 2);
    expect(await codeOf(() => gatherCommitments(primitives, next, rosterRoot, round.commits))).toBe('E_CTX');
    expect(await codeOf(() => gatherCommitments(primitives, world.open, rosterRoot, reveals))).toBe('E_PHASE');
    const short = await said(world.members[0]!, BEACON_COMMIT, new Uint8Array(63));
    expect(await codeOf(() => gatherCommitments(primitives, world.open, rosterRoot, [short]))).toBe('E_LEN');
  });

  it('is not taken from contributors whom the participant does not know, nor from too few', async () => {
    const { commitments } = await committed();
    requireContributors(commitments, rule(4));
    expect(await codeOf(() => requireContributors(commitments, rule(5)))).toBe('E_FLOOR');
    expect(await codeOf(() => requireContributors(commitments, rule(Number.NaN)))).toBe('E_FLOOR');
    const allowed = new Set(world.members.slice(1).map((one) => one.memberId));
    expect(await codeOf(() => requireContributors(commitments, { allowed, atLeast: 3 }))).toBe('E_BEACON');
  });

  it('of nobody, or of members that the coordinator invented, is not drawn by whoever only draws', async () => {
    const nobody = gatherCommitments(primitives, world.open, rosterRoot, []);
    expect(await codeOf(() => drawBeacon(primitives, nobody, [], rule(2)))).toBe('E_FLOOR');
    expect(await codeOf(() => drawBeacon(primitives, nobody, [], rule(Number.NaN)))).toBe('E_FLOOR');
    // Two with certificates of nobody's: everything fits but who they are.
    const invented = (await project(primitives, 8)).members.slice(6);
    const round = await committed(invented);
    const reveals = await Promise.all(
      round.states.map((state, i) => {
        const own = { allowed: new Set(invented.map(({ memberId }) => memberId)), atLeast: 2 };
        return said(
          invented[i]!,
          BEACON_REVEAL,
          revealForBeacon(primitives, state, round.commitments, round.list, own).body,
        );
      }),
    );
    expect(await codeOf(() => drawBeacon(primitives, round.commitments, reveals, rule(2)))).toBe('E_BEACON');
  });

  it('is one for a roster where the rule is a participant’s: of all who may contribute, two lists share an honest one', async () => {
    const floors = { minimumBeaconContributors: 2, corruptFraction: 0.25 };
    const names = world.members.map(({ memberId }) => memberId);
    // Four, one of them corrupt: three.
    const own = contributorRule(floors, names);
    expect(own).toEqual({ allowed: new Set(names), atLeast: 3 });
    expect(contributorRule({ ...floors, minimumBeaconContributors: 4 }, names).atLeast).toBe(4);
    for (let members = 2; members <= 40; members++) {
      const many = Array.from({ length: members }, (_, i) => memberId(`silo-${i}`));
      const { atLeast } = contributorRule(floors, many);
      expect(2 * atLeast).toBeGreaterThan(members + Math.floor(members / 4));
    }
    // With fewer, the coordinator has two lists logged, each with an honest pair of its own, and takes the beacon it likes better.
    const weak = rule(2);
    const beacons: string[] = [];
    for (const pair of [world.members.slice(0, 2), world.members.slice(2)]) {
      const round = await committed(pair);
      const bodies = round.states.map(
        (state) => revealForBeacon(primitives, state, round.commitments, round.list, weak).body,
      );
      const reveals = await Promise.all(bodies.map((body, i) => said(pair[i]!, BEACON_REVEAL, body)));
      beacons.push(drawn(drawBeacon(primitives, round.commitments, reveals, weak)));
      const [state] = round.states;
      expect(await codeOf(() => revealForBeacon(primitives, state!, round.commitments, round.list, own))).toBe(
        'E_FLOOR',
      );
      expect(await codeOf(() => drawBeacon(primitives, round.commitments, reveals, own))).toBe('E_FLOOR');
    }
    expect(new Set(beacons).size).toBe(2);
  });

  it('cannot be copied: a commitment that repeats another’s does not open for its copier', async () => {
    const round = await committed(world.members.slice(0, 3));
    const victim = round.states[0]!;
    const copier = world.members[3]!;
    const copied = await said(copier, BEACON_COMMIT, round.commits[0]!.body);
    const commits = [...round.commits, copied];
    const commitments = gatherCommitments(primitives, world.open, rosterRoot, commits);
    const [list] = await logged(commitmentsEntry(commitments));
    const { body } = revealForBeacon(primitives, victim, commitments, list!, rule(3));
    const replayed = await said(copier, BEACON_REVEAL, body);
    expect(await codeOf(() => drawBeacon(primitives, commitments, [replayed], rule(3)))).toBe('E_BEACON');
  });
});

describe('a contributor', () => {
  it('commits only for a roster that the log keeps, of its own context', async () => {
    const [wrongKind, wrongContext] = await logged(
      { ...rosterEntry(world.open, rosterRoot), kind: 'result' },
      rosterEntry(openAt(primitives, 2), rosterRoot),
    );
    for (const entry of [wrongKind!, wrongContext!]) {
      const { memberId } = world.members[0]!;
      expect(await codeOf(() => commitToBeacon(primitives, memberId, world.open, entry))).toBe('E_LOG');
    }
  });

  it('reveals only for a logged list that is long enough and has its own commitment in it', async () => {
    const round = await committed();
    const [state] = round.states;
    const reveal = (commitments: Commitments, list: LoggedEntry, atLeast = 3): Promise<unknown> =>
      codeOf(() => revealForBeacon(primitives, state!, commitments, list, rule(atLeast)));
    expect(await reveal(round.commitments, round.list, 5)).toBe('E_FLOOR');

    const without = gatherCommitments(primitives, world.open, rosterRoot, round.commits.slice(1));
    const [itsEntry] = await logged(commitmentsEntry(without));
    expect(await reveal(without, itsEntry!)).toBe('E_BEACON');
    // The list that is logged is not the one that is shown.
    expect(await reveal(round.commitments, itsEntry!)).toBe('E_LOG');
    expect(await reveal(without, round.list)).toBe('E_LOG');
    const altered = { ...round.list, kind: 'beacon' as const };
    expect(await reveal(round.commitments, altered)).toBe('E_LOG');
    const elsewhere = await committed(world.members, flipped(rosterRoot, 1));
    expect(await reveal(elsewhere.commitments, elsewhere.list)).toBe('E_BEACON');
  });

  it('reveals for one list, ever: the same again, another never (attack 15)', async () => {
    const round = await committed();
    const first = revealForBeacon(primitives, round.states[0]!, round.commitments, round.list, rule(3));
    const again = revealForBeacon(primitives, first.state, round.commitments, round.list, rule(3));
    expect(again).toEqual(first);
    const fewer = gatherCommitments(primitives, world.open, rosterRoot, round.commits.slice(0, 3));
    const [list] = await logged(commitmentsEntry(fewer));
    expect(await codeOf(() => revealForBeacon(primitives, first.state, fewer, list!, rule(3)))).toBe('E_EQUIV');
  });

  it('resumes from storage in either state, and nowhere else', async () => {
    const round = await committed();
    const state = round.states[0]!;
    const step = revealForBeacon(primitives, state, round.commitments, round.list, rule(3));
    const restored = decodeContributor(world.open, encodeContributorInTheClear(state));
    expect(revealForBeacon(primitives, restored, round.commitments, round.list, rule(3))).toEqual(step);
    expect(decodeContributor(world.open, encodeContributorInTheClear(step.state))).toEqual(step.state);
    for (const one of [state, step.state]) {
      const bytes = encodeContributorInTheClear(one);
      expect(await codeOf(() => decodeContributor(openAt(primitives, 2), bytes))).toBe('E_MALFORMED');
      for (let length = 0; length < bytes.length; length++) {
        expect(() => decodeContributor(world.open, bytes.subarray(0, length))).toThrow(MalformedMessage);
      }
      expect(() => decodeContributor(world.open, Uint8Array.of(...bytes, 0))).toThrow(MalformedMessage);
    }
  });

  it('does not print or serialise its contribution before it reveals', async () => {
    const { states } = await committed();
    const bytes = states[0]!.secretContribution.exposeInTheClear();
    expect(inspect(states[0], { depth: 9, showHidden: true })).not.toContain(inspect(bytes).slice(20, 60));
    expect(inspect(states[0])).toContain('SecretBytes(32)');
    expect(() => JSON.stringify(states[0])).toThrow(ParameterError);
  });
});
