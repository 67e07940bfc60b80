// Every body comes back as it was written, and refuses what has one member more, one less, or one of another kind. The table of routes names
// each of them, and each describes itself as JSON Schema.

import {
  checkPlan,
  planTemplate,
  problemLines,
  type SignedPlan,
  signPlan,
  type TemplateOptions,
  wordEncodingOf,
} from '@sumus/federation/plan';
import { thresholdKeyOf } from '@sumus/federation/sum';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import { signerOf } from '@sumus/secure-sum/secret-primitives';
import { describe, expect, it } from 'vitest';
import { problemShape } from '../problem/index.ts';
import { type BodyShape, ROUTES } from '../routes/index.ts';
import { jsonBytes, readJson } from '../text/index.ts';
import * as bodies from './index.ts';

const primitives = { ...nodePrimitives(), secretKeys: SecretKey };
const signer = await signerOf(primitives, SecretKey.fromBytes('ed25519', new Uint8Array(32).fill(1)));
const key = 'ab'.repeat(32);
const id = 'cd'.repeat(16);

async function signedPlan(protection: TemplateOptions['protection'] = 'mask'): Promise<SignedPlan> {
  const read = checkPlan(
    planTemplate({
      name: 'digits',
      purpose: 'Three hospitals learn to read digits: größer, 𝄞.',
      architecture: { input: [784], layers: [{ kind: 'dense', units: 10, bias: true, initialiser: 'he' }] },
      parameterCount: 7850,
      loss: 'crossEntropy',
      firstWeightsSeed: 7,
      schedule: 'synchronous',
      protection,
      reason: 'the digits are published already',
      minimumContributors: 9,
      maximumContributors: 30,
      rounds: 20,
      epsilon: null,
      delta: 1e-6,
      unit: 'record',
      uploadFraction: 1,
      batchSize: 10,
      learningRate: 0.05,
      minimumUnits: 100,
      authority: 'ab'.repeat(32),
      endsAtMs: 1_800_000_000_000,
    }),
  );
  if (read.kind === 'invalid') throw new Error(problemLines(read.problems).join('\n'));
  return signPlan(primitives, signer, read.plan);
}

const plan = await signedPlan();
const threshold = await signedPlan('threshold');
const thresholdKey = thresholdKeyOf({ plan: threshold.plan, encoding: wordEncodingOf(threshold.plan) });

const status: bodies.RunStatus = {
  runId: 'run-1',
  projectId: 'p',
  plan: key,
  owner: key,
  authority: key,
  phase: 'in a round',
  isPaused: false,
  round: 3,
  sumPhase: 'contributing',
  version: 2,
  roundsAtMost: 20,
  members: [{ name: 'hospital-a', standing: 'accepted', isListening: true }],
  events: 77,
  createdAtMs: 1,
  nowMs: 2,
  ended: null,
};
const invitation: bodies.RegisterInvitation = { id, member: 'hospital-a', role: 'silo', notAfterMs: 5 };
const asks: bodies.Enrol = { invitation: id, publicKey: key, proof: key };

const samples: readonly (readonly [string, BodyShape, object])[] = [
  [
    'server',
    bodies.serverInfo,
    { protocol: 'sumus/wire/1', version: '0.1.0', coordinator: key, nowMs: 1, limits: bodies.USUAL_LIMITS },
  ],
  [
    'create run',
    bodies.createRun,
    { runId: 'r', projectId: 'p', plan, authority: key, thresholdKey: null, firstModel: key },
  ],
  [
    'create run with a shared key',
    bodies.createRun,
    {
      runId: 'r',
      projectId: 'p',
      plan: threshold,
      authority: key,
      thresholdKey: bodies.writeThresholdKey(thresholdKey),
      firstModel: key,
    },
  ],
  ['stop', bodies.stopRun, { reason: 'enough' }],
  ['remove', bodies.removeMember, { member: 'a', reason: 'silent' }],
  ['observer', bodies.nameObserver, { publicKey: key }],
  ['revocations', bodies.revocationsBody, { list: 'ab' }],
  ['no revocations', bodies.revocationsBody, { list: null }],
  ['status', bodies.runStatus, status],
  ['runs', bodies.runList, { runs: [status, { ...status, ended: { why: 'time is over', text: 'x' } }] }],
  ['nothing', bodies.nothing, {}],
  ['invitation', bodies.registerInvitation, invitation],
  ['details', bodies.invitationDetails, { ...invitation, projectId: 'p', plan, isSpent: false }],
  ['enrol', bodies.enrol, asks],
  ['asked', bodies.enrolmentAsked, { ...asks, member: 'a', role: 'silo', notAfterMs: 1, atMs: 2 }],
  ['certify', bodies.answerEnrolment, { kind: 'certified', certificate: 'abcd' }],
  ['refuse', bodies.answerEnrolment, { kind: 'refused', reason: 'no' }],
  ['waiting', bodies.enrolmentState, { kind: 'waiting' }],
  ['certified', bodies.enrolmentState, { kind: 'certified', certificate: 'ab', revocations: null }],
  ['refused', bodies.enrolmentState, { kind: 'refused', reason: 'no' }],
  ['blob', bodies.blobState, { sha256: key, bytes: 10, received: 4, isComplete: false }],
  ['reference', bodies.blobReference, { sha256: key, bytes: 10 }],
  ['problem', problemShape, { code: 'forbidden', message: 'no' }],
];

describe('a body', () => {
  it.each(samples)('%s comes back as it was written', (_, shape, value) => {
    expect(readJson(shape, jsonBytes(value))).toEqual(value);
  });

  it.each(samples)('%s has no member more, less, or of another kind', (_, shape, value) => {
    const refused = (one: object) =>
      expect(() => readJson(shape, jsonBytes(one)), JSON.stringify(one).slice(0, 200)).toThrow(
        expect.objectContaining({ name: 'MalformedMessage' }),
      );
    refused({ ...value, more: 1 });
    refused([value]);
    for (const name of Object.keys(value)) {
      const { [name]: _left, ...rest } = value as Record<string, unknown>;
      refused(rest);
      refused({ ...value, [name]: { unknown: [] } });
      refused({ ...value, [name]: -1.5 });
    }
  });

  it('is no JSON of too many bytes, of no text, or of nothing', () => {
    expect(() => readJson(bodies.nothing, new Uint8Array(11), 10)).toThrow(/at most 10/);
    expect(() => readJson(bodies.nothing, Uint8Array.of(0x7b, 0xff, 0x7d))).toThrow(/no UTF-8/);
    expect(() => readJson(bodies.nothing, new Uint8Array(0))).toThrow(/no JSON/);
    expect(() => readJson(bodies.nothing, jsonBytes(JSON.parse('{"__proto__":{}}')))).toThrow(/not known/);
  });

  it('describes itself, wherever the table of routes has one', () => {
    for (const [name, { body, answer }] of Object.entries(ROUTES)) {
      for (const one of [body, answer]) {
        if (one.kind !== 'json') continue;
        expect(JSON.parse(JSON.stringify(one.shape.json)), name).toEqual(one.shape.json);
        expect(one.shape.json['type'] ?? one.shape.json['oneOf'], name).toBeDefined();
      }
    }
  });
});

describe('the parameters of a shared key', () => {
  it('come back as they were computed', () => {
    const text = readJson(bodies.thresholdKeyText, jsonBytes(bodies.writeThresholdKey(thresholdKey)));
    const back = bodies.readThresholdKey(text);
    const { toString: shown, ...integers } = back.integers;
    const { toString: wanted, ...numbers } = thresholdKey.integers;
    expect({ ...back, integers }).toEqual({ ...thresholdKey, integers: numbers });
    expect(typeof integers.plaintextModulus).toBe('bigint');
    expect(typeof shown).toBe(typeof wanted);
  });
});

describe('names', () => {
  it.each(['', '.', '..', '-a', 'a b', 'a/b', 'ä', 'a'.repeat(65), 'a\n'])('of runs are not %j', (name) => {
    expect(() => bodies.runId.read(name, 'run')).toThrow(/^run /);
  });
});
