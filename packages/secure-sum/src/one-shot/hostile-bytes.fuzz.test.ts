// Every decoder of one-shot against bytes from somebody who knows the format (attack 75): valid messages with bytes changed, inserted and
// cut. A decoder answers with a value that encodes to the very same bytes, or with one of our errors. SUMUS_FULL=1 tries fifty
// times as many, from a fresh seed.

import { wasmEngine } from '@sumus/lattice/engine';
import { MalformedMessage as MalformedLatticeMessage } from '@sumus/lattice/one-time/sums';
import { nodePrimitives } from '@sumus/platform/node';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { CanonicalReader, hexOf } from '../canonical/index.ts';
import { MalformedMessage, ProtocolViolation } from '../errors.ts';
import { hostileLimits } from '../hostile-bytes.contract.ts';
import { decodeMessage } from '../messages/index.ts';
import { restoreMember, storeMemberInTheClear } from './committee/member-state.ts';
import { restoreContributor, storeContributorInTheClear } from './contributor/contributor-state.ts';
import { collectorStep, startCollector } from './coordinator/collector.ts';
import { startOpener } from './coordinator/opener.ts';
import { restoreCollector, storeCollector } from './coordinator/stored.ts';
import { restoreOpener, storeOpener } from './coordinator/stored-opener.ts';
import { makeContribution, play, requestOf, sentTo } from './one-shot-driver.contract.ts';
import { type World, world as worldOn } from './one-shot-world.contract.ts';
import {
  answerBytesAtMost,
  decodeAnswer,
  decodeBoxedAnswers,
  encodeAnswer,
  encodeBoxedAnswers,
} from './round/answers.ts';
import {
  decodeSetCertificate,
  encodeSetCertificate,
  encodeSetIdentity,
  readSetIdentity,
} from './round/certificate-of-set.ts';
import {
  decodeContribution,
  decodeHeadBody,
  encodeContribution,
  encodeHeadBody,
  storedHead,
} from './round/contribution.ts';
import { decodeSetRequest, encodeHeads, encodeSetRequest } from './round/contributor-set.ts';
import { DELIVERY, OPEN_SHARE } from './round/kinds.ts';

const full = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'];
const RUNS = full === '1' ? 3000 : 60;
if (full !== '1') fc.configureGlobal({ seed: 20_261_120 });

interface Codec {
  readonly bytes: Uint8Array;
  readonly again: (bytes: Uint8Array) => Uint8Array;
}
const codecs = new Map<string, Codec>();
const NAMES = [
  'contribution',
  'head',
  'set request',
  'set certificate',
  'set identity',
  'answer',
  'boxed answer',
  'opening',
  'stored contributor',
  'stored member',
  'stored collector',
  'stored opener',
];

const sentOf = (outputs: readonly { kind: string }[], type: string): Uint8Array =>
  (outputs as readonly { kind: string; type?: string; bytes: Uint8Array }[]).find((one) => one.type === type)!.bytes;

async function fill(everyone: World, participants: World): Promise<void> {
  const put = (name: string, bytes: Uint8Array, again: Codec['again']): void => void codecs.set(name, { bytes, again });
  const { parameters, round, coordinator, primitives } = everyone;
  const made = [];
  for (const index of [0, 1, 2]) made.push(await makeContribution(everyone, index));
  const contributions = made.map(({ bytes }) => bytes);
  const [contribution] = contributions as [Uint8Array];
  put('contribution', contribution, (b) => encodeContribution(parameters, decodeContribution(parameters, b)));
  const { head } = decodeContribution(parameters, contribution);
  put('head', head.body, (b) => encodeHeadBody(parameters, decodeHeadBody(parameters, b)));
  put('set request', requestOf(everyone, contributions, 2), (b) => {
    const { flush, entries } = decodeSetRequest(parameters, b);
    const heads = entries.map(({ certificate, head: message }) =>
      storedHead(primitives, round, { certificate, head: message }),
    );
    return encodeSetRequest(
      encodeHeads(flush, heads),
      entries.map(({ box }) => box),
    );
  });
  const played = await play(everyone, { contribute: [0, 1, 2], contributions });
  const certificate = sentTo(played.outputs, DELIVERY.certificate, everyone.members[0]!.memberId)[0]!;
  put('set certificate', certificate, (b) => {
    const { set, signatures } = decodeSetCertificate(4, b);
    return encodeSetCertificate(set, signatures);
  });
  put('set identity', encodeSetIdentity(decodeSetCertificate(4, certificate).set), (b) => {
    const reader = new CanonicalReader(b, 'a set');
    const set = readSetIdentity(reader);
    reader.finish();
    return encodeSetIdentity(set);
  });
  const answerOf = async (of: World): Promise<{ answer: Uint8Array; played: Awaited<ReturnType<typeof play>> }> => {
    let answer = new Uint8Array(0);
    const whole = await play(of, {
      contribute: [0, 1, 2],
      tamper: (type, _, bytes) => {
        if (type === OPEN_SHARE.type)
          answer = new Uint8Array(decodeMessage(bytes, answerBytesAtMost(of.parameters)).body);
        return bytes;
      },
    });
    return { answer, played: whole };
  };
  put('answer', (await answerOf(everyone)).answer, (b) => encodeAnswer(decodeAnswer(parameters, b)));
  const boxed = await answerOf(participants);
  put('boxed answer', boxed.answer, (b) => encodeAnswer(decodeAnswer(participants.parameters, b)));
  put('opening', sentOf(boxed.played.outputs, DELIVERY.opening), (b) =>
    encodeBoxedAnswers(decodeBoxedAnswers(participants.parameters, b)),
  );
  const contributor = boxed.played.contributorStates.get(0)!;
  put('stored contributor', storeContributorInTheClear(participants.round, contributor), (b) =>
    storeContributorInTheClear(participants.round, restoreContributor(participants.round, b)),
  );
  const member = boxed.played.memberStates.get(participants.members[0]!.memberId)!;
  put('stored member', storeMemberInTheClear(participants.round, member), (b) =>
    storeMemberInTheClear(participants.round, restoreMember(participants.round, b)),
  );
  let collector = startCollector(coordinator);
  for (const bytes of contributions) {
    collector = (await collectorStep(coordinator, collector, { kind: 'contribution', bytes })).state;
  }
  put('stored collector', storeCollector(coordinator, collector), (b) => {
    const restored = restoreCollector(coordinator, b);
    const stored = storeCollector(coordinator, restored);
    if (restored.phase !== 'aborted') restored.total.release();
    return stored;
  });
  collector = (await collectorStep(coordinator, collector, { kind: 'time is up' })).state;
  put('stored opener', storeOpener(coordinator, startOpener(coordinator, collector).state), (b) =>
    storeOpener(coordinator, restoreOpener(coordinator, b)),
  );
}

beforeAll(async () => {
  const engine = await wasmEngine();
  const platform = nodePrimitives();
  const literal = { vectorLength: 30 };
  await fill(
    await worldOn(platform, engine, { literal }),
    await worldOn(platform, engine, { literal: { ...literal, openedTo: 'participants' } }),
  );
});

type Change = { readonly kind: 'set' | 'insert' | 'cut'; readonly at: number; readonly bytes: Uint8Array };
const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('set', 'set', 'insert', 'cut'),
  // Heads of messages are what decoders look at; bodies are mostly ciphertext.
  at: fc.oneof(fc.nat(300), fc.nat(20_000)),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 4 }),
    fc
      .constantFrom([255, 255, 255, 255], [0, 0, 0, 0], [255, 255, 255, 127], [1, 0, 0, 0])
      .map((one) => Uint8Array.from(one)),
  ),
});

function spoil(bytes: Uint8Array, changes: readonly Change[]): Uint8Array {
  let spoilt = [...bytes];
  for (const { kind, at: anywhere, bytes: other } of changes) {
    const at = anywhere % (spoilt.length + 1);
    if (kind === 'cut') spoilt = [...spoilt.slice(0, at), ...spoilt.slice(at + other.length)];
    else spoilt = [...spoilt.slice(0, at), ...other, ...spoilt.slice(kind === 'set' ? at + other.length : at)];
  }
  return Uint8Array.from(spoilt);
}

const isOurs = (error: unknown): boolean =>
  error instanceof MalformedMessage || error instanceof ProtocolViolation || error instanceof MalformedLatticeMessage;

describe('a decoder of one-shot', () => {
  it('is tested for every format', () => {
    expect([...codecs.keys()].sort()).toEqual([...NAMES].sort());
  });

  it.each(NAMES)('of a %s gives back what was encoded', (name) => {
    const { bytes, again } = codecs.get(name)!;
    expect(hexOf(again(bytes))).toBe(hexOf(bytes));
  });

  it.each(NAMES)(
    'of a %s answers hostile bytes with the same bytes or an error of ours (attack 75)',
    (name) => {
      const { bytes, again } = codecs.get(name)!;
      fc.assert(
        fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
          const hostile = spoil(bytes, changes);
          let back: Uint8Array;
          try {
            back = again(hostile);
          } catch (error) {
            if (isOurs(error)) return;
            throw error;
          }
          expect(hexOf(back)).toBe(hexOf(hostile));
        }),
        hostileLimits({ numRuns: RUNS }),
      );
    },
    600_000,
  );
});
