// Every decoder of threshold sums against hostile bytes (attack 75; hostile-bytes.contract.ts says how).

import { nodePrimitives } from '@sumus/platform/node';
import { type Codec, hostileSuite } from '../hostile-bytes.contract.ts';
import { decodeAnswerBody, decodeAnswers, encodeAnswerBody, encodeAnswers } from './answers.ts';
import { decodeBundle, encodeBundle } from './bundle.ts';
import {
  decodeCiphertextBody,
  decodeRequest,
  encodeCiphertextBody,
  encodeRequest,
  receiveContribution,
} from './contributions.ts';
import { startSumCoordinator, stepSumCoordinator } from './coordinator-sum.ts';
import { decodeEncryptor, encodeEncryptor } from './encryptor.ts';
import { decodeEpochCertificate, encodeEpochCertificate } from './epoch-certificate.ts';
import {
  decodeCommitBody,
  decodeDealtBox,
  decodePair,
  decodeReceivedBody,
  decodeRevealBody,
  encodeCommitBody,
  encodeDealtBox,
  encodePair,
  encodeReceivedBody,
  encodeRevealBody,
} from './founding-bodies.ts';
import { readRequest } from './opening.ts';
import { decodeResultBody, encodeResultBody } from './results.ts';
import { decodeFounding, decodeMember, encodeFoundingInTheClear, encodeMemberInTheClear } from './stored-member.ts';
import { decodeSum, encodeSum } from './stored-sum.ts';
import { sumThrough } from './sum-through.contract.ts';
import { contributionOf, found, roundAt, sumSetting, valuesOfSilo, worldOf } from './threshold-world.contract.ts';

const of = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);

async function codecsOf(): Promise<ReadonlyMap<string, Codec>> {
  const founded = await found(
    await worldOf(nodePrimitives(), { degree: 16, primeCount: 5, vectorLength: 8, lanes: 1 }),
  );
  const { certificate, epoch, primitives, trust, serving, states, foundings, members } = founded;
  const round = roundAt(founded, 1);
  const contributions: Uint8Array[] = [];
  for (const index of [0, 1, 2]) {
    contributions.push(await contributionOf(founded, index, round, valuesOfSilo(founded, index)));
  }
  const request = encodeRequest([1, 2, 3, 4], contributions);
  const setting = sumSetting(founded, round);
  const { state: collecting } = await stepSumCoordinator(setting, startSumCoordinator(), {
    kind: 'contribution',
    bytes: contributions[0]!,
    trust,
  });
  const { states: after } = await sumThrough(founded, states, {
    round: 1,
    contributors: [0, 1, 2],
    activeSet: [1, 2, 3, 4],
  });
  const sum = Int32Array.of(1, -2, 3);
  const commit = encodeCommitBody({ commitment: of(1, 70), nonceCommitment: of(2) });
  const reveal = encodeRevealBody({ commitments: of(1), contribution: of(2, 50), boxHashes: [of(3), of(4)] });
  const codec = (bytes: Uint8Array, again: Codec['again']): Codec => ({ bytes, again });
  /** Behind the hash that a state ends with, which would refuse everything. */
  const behindHash = (bytes: Uint8Array, again: (whole: Uint8Array) => Uint8Array): Codec =>
    codec(bytes.subarray(0, -32), (body) =>
      again(Uint8Array.from([...body, ...primitives.sha256(body)])).subarray(0, -32),
    );
  return new Map([
    ['bundle', codec(encodeBundle([of(1), of(2, 3)]), (b) => encodeBundle(...decodeBundle(b, 1)))],
    ['commit', codec(commit, (b) => encodeCommitBody(decodeCommitBody(b)))],
    ['reveal', codec(reveal, (b) => encodeRevealBody(decodeRevealBody(b)))],
    [
      'receipt',
      codec(encodeReceivedBody({ transcript: of(1), nonce: of(2) }), (b) => encodeReceivedBody(decodeReceivedBody(b))),
    ],
    ['dealing', codec(encodeDealtBox({ from: 1, to: 2, box: of(3, 40) }), (b) => encodeDealtBox(decodeDealtBox(b)))],
    ['pair', codec(encodePair(of(1, 3), of(2, 4)), (b) => encodePair(...decodePair(b)))],
    [
      'certificate of an epoch',
      codec(encodeEpochCertificate(certificate), (b) => encodeEpochCertificate(decodeEpochCertificate(b))),
    ],
    [
      'ciphertext',
      codec(encodeCiphertextBody(of(1), of(2, 20)), (b) => {
        const { epoch: hash, vector } = decodeCiphertextBody(b);
        return encodeCiphertextBody(hash, vector);
      }),
    ],
    [
      'contribution',
      codec(contributions[0]!, async (b) => (await receiveContribution(primitives, trust, round.context, b)).encoded),
    ],
    [
      'request',
      codec(request, (b) => {
        const { activeSet, contributions: list } = decodeRequest(b);
        return encodeRequest(activeSet, list);
      }),
    ],
    [
      'request, read',
      codec(request, async (b) => {
        await readRequest(primitives, { epoch, trust, context: round.context }, b);
        return b;
      }),
    ],
    [
      'answer',
      codec(encodeAnswerBody({ statement: of(1), sealed: of(2, 30), keys: [{ to: 3, box: of(4, 60) }] }), (b) =>
        encodeAnswerBody(decodeAnswerBody(b)),
      ),
    ],
    ['answers', codec(encodeAnswers(epoch.key, []), (b) => encodeAnswers(epoch.key, decodeAnswers(epoch.key, 1, b)))],
    [
      'result',
      codec(encodeResultBody({ statement: of(1), hash: of(2), sum }), (b) => encodeResultBody(decodeResultBody(b))),
    ],
    [
      'encryptor',
      codec(encodeEncryptor({ phase: 'spoke', round: 4, contribution: of(1, 20) }), (b) =>
        encodeEncryptor(decodeEncryptor(b)),
      ),
    ],
    [
      'founding member',
      behindHash(encodeFoundingInTheClear(members[0]!, foundings[0]!), (b) =>
        encodeFoundingInTheClear(members[0]!, decodeFounding(members[0]!, b)),
      ),
    ],
    [
      'member',
      behindHash(encodeMemberInTheClear(serving[0]!, after[0]!), (b) =>
        encodeMemberInTheClear(serving[0]!, decodeMember(serving[0]!, b)),
      ),
    ],
    ['sum', codec(encodeSum(collecting), async (b) => encodeSum(await decodeSum(setting, trust, b)))],
  ]);
}

hostileSuite(
  'threshold sums',
  [
    'answer',
    'answers',
    'bundle',
    'certificate of an epoch',
    'ciphertext',
    'commit',
    'contribution',
    'dealing',
    'encryptor',
    'founding member',
    'member',
    'pair',
    'receipt',
    'request',
    'request, read',
    'result',
    'reveal',
    'sum',
  ],
  codecsOf,
);
