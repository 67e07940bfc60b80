import { nodePrimitives } from '@sumus/platform/node';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { memberId } from '../canonical/index.ts';
import { wholeContext } from '../context/index.ts';
import { MalformedMessage } from '../errors.ts';
import {
  codeOf,
  enrol,
  errorOf,
  flipped,
  openAt,
  project,
  seededPrimitives,
  type TestProject,
} from '../seeded-members.contract.ts';
import {
  admit,
  decodeMessage,
  decodeReceived,
  type Expected,
  encodeMessage,
  encodeReceived,
  NOTHING_RECEIVED,
  type SignedMessage,
  signMessage,
  type VerifiedMessage,
  verifyMessage,
} from './index.ts';

fc.configureGlobal({ seed: 20_261_120 });

const primitives = seededPrimitives(nodePrimitives(), 1);
let world: TestProject;
let message: SignedMessage;
let expected: Expected;
const kind = { phase: 3, type: 'mask/alive' };
const body = Uint8Array.of(1, 2, 3);

beforeAll(async () => {
  world = await project(primitives, 2);
  const [alice] = world.members;
  message = await signMessage(primitives, alice!.signer, world.open, { ...kind, sender: alice!.memberId, body });
  expected = { ...kind, context: world.open, sender: alice!.certificate };
});

const verify = (changed: Partial<SignedMessage> = {}, other: Partial<Expected> = {}): Promise<VerifiedMessage> =>
  verifyMessage(primitives, { ...message, ...changed }, { ...expected, ...other });

describe('a signed message', () => {
  it('verifies, and again after it travelled', async () => {
    expect((await verify()).body).toEqual(body);
    const arrived = decodeMessage(encodeMessage(message), 3);
    expect(arrived).toEqual(message);
    await verify(arrived);
  });

  it('without a valid signature is dropped (attack 1)', async () => {
    expect(await codeOf(() => verify({ signature: new Uint8Array(64) }))).toBe('E_SIG');
    expect(await codeOf(() => verify({ signature: new Uint8Array(0) }))).toBe('E_SIG');
    for (const at of [0, 31, 32, 63]) {
      expect(await codeOf(() => verify({ signature: flipped(message.signature, at) }))).toBe('E_SIG');
    }
    expect(await codeOf(() => verify({ body: flipped(body, 1) }))).toBe('E_SIG');
    expect(await codeOf(() => verify({ body: new Uint8Array(0) }))).toBe('E_SIG');
  });

  it('of another round, task or configuration is refused (attack 13)', async () => {
    for (const other of [openAt(primitives, 2), openAt(primitives, 1, 'stroke')]) {
      expect(await codeOf(() => verify({}, { context: other }))).toBe('E_CTX');
      // Nor does it help to write the other context on it.
      expect(await codeOf(() => verify({ contextHash: other.hash }, { context: other }))).toBe('E_SIG');
    }
    const later = wholeContext(primitives, world.open, { rosterRoot: new Uint8Array(32), beacon: new Uint8Array(32) });
    expect(await codeOf(() => verify({ contextHash: later.hash }, { context: later }))).toBe('E_SIG');
  });

  it('of another phase or type is refused, also when relabelled (attack 15)', async () => {
    expect(await codeOf(() => verify({}, { phase: 4 }))).toBe('E_PHASE');
    expect(await codeOf(() => verify({}, { type: 'mask/unmask' }))).toBe('E_PHASE');
    expect(await codeOf(() => verify({ phase: 4 }, { phase: 4 }))).toBe('E_SIG');
    expect(await codeOf(() => verify({ type: 'mask/unmask' }, { type: 'mask/unmask' }))).toBe('E_SIG');
  });

  it('has a phase of one byte: one that would be the same byte is not signed', async () => {
    const [alice] = world.members;
    const act = (): unknown =>
      signMessage(primitives, alice!.signer, world.open, { phase: 259, type: 'x', sender: alice!.memberId, body });
    expect(await codeOf(act)).toBe('E_PARAMETER');
  });

  it('cannot be passed off as somebody else’s', async () => {
    const [, bob] = world.members;
    expect(await codeOf(() => verify({}, { sender: bob!.certificate }))).toBe('E_SIG');
    expect(await codeOf(() => verify({ sender: bob!.memberId }, { sender: bob!.certificate }))).toBe('E_SIG');
    // The same key under another name: the name is signed.
    const renamed = { memberId: memberId('mallory'), publicKey: expected.sender.publicKey };
    expect(await codeOf(() => verify({ sender: renamed.memberId }, { sender: renamed }))).toBe('E_SIG');
  });
});

describe('the bytes of a message', () => {
  it('are refused when they are cut, longer, or of another format', () => {
    const bytes = encodeMessage(message);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeMessage(bytes.subarray(0, length), 3)).toThrow(MalformedMessage);
    }
    expect(() => decodeMessage(Uint8Array.of(...bytes, 0), 3)).toThrow(/left over/);
    expect(() => decodeMessage(flipped(bytes, 0), 3)).toThrow(/SUMS/);
    expect(() => decodeMessage(flipped(bytes, 4), 3)).toThrow(/version/);
  });

  it('with a body above the bound are refused before it is copied (attack 58)', () => {
    expect(() => decodeMessage(encodeMessage(message), 2)).toThrow(/more than 2/);
  });

  it('of any kind are decoded or refused, never anything else (attack 75)', () => {
    const bytes = encodeMessage(message);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 4 }), (changes) => {
        const hostile = new Uint8Array(bytes);
        for (const [at, value] of changes) hostile[at] = value;
        try {
          expect(encodeMessage(decodeMessage(hostile, 64))).toEqual(hostile);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessage);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('what was received', () => {
  it('admits a message once, shrugs at the same one again, and convicts who says two things (attack 12)', async () => {
    const [alice, bob] = world.members;
    const first = admit(primitives, NOTHING_RECEIVED, await verify());
    if (first.kind !== 'new') throw new Error('expected a new message');
    expect(admit(primitives, first.received, await verify()).kind).toBe('repeated');

    const second = await signMessage(primitives, alice!.signer, world.open, {
      ...kind,
      sender: alice!.memberId,
      body: Uint8Array.of(1, 2, 4),
    });
    const verified = await verifyMessage(primitives, second, expected);
    const error = await errorOf(() => admit(primitives, first.received, verified));
    expect(error.code).toBe('E_EQUIV');
    // The evidence convinces whoever has the certificate.
    const evidence = error.evidence as Uint8Array[];
    const said = await Promise.all(evidence.map((one) => verifyMessage(primitives, decodeMessage(one, 64), expected)));
    expect(new Set(said.map((one) => one.body[2])).size).toBe(2);

    const ofBob = await signMessage(primitives, bob!.signer, world.open, { ...kind, sender: bob!.memberId, body });
    const bobs = await verifyMessage(primitives, ofBob, { ...expected, sender: bob!.certificate });
    expect(admit(primitives, first.received, bobs).kind).toBe('new');
    // Nor does a restart forget.
    const restored = decodeReceived(encodeReceived(first.received));
    expect(restored).toEqual(first.received);
    expect(await codeOf(() => admit(primitives, restored, verified))).toBe('E_EQUIV');
    const bytes = encodeReceived(first.received);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeReceived(bytes.subarray(0, length))).toThrow(MalformedMessage);
    }
    // The state that was refused or repeated into is as it was.
    expect(first.received.size).toBe(1);
  });

  it('is by context, phase and type: the same body in the next phase is new', async () => {
    const alice = await enrol(primitives, world.authority, 'alice');
    let received = NOTHING_RECEIVED;
    for (const [context, phase] of [
      [world.open, 1],
      [world.open, 2],
      [openAt(primitives, 2), 1],
    ] as const) {
      const signed = await signMessage(primitives, alice.signer, context, {
        phase,
        type: 'x',
        sender: alice.memberId,
        body,
      });
      const verified = await verifyMessage(primitives, signed, {
        context,
        phase,
        type: 'x',
        sender: alice.certificate,
      });
      const admission = admit(primitives, received, verified);
      expect(admission.kind).toBe('new');
      if (admission.kind === 'new') received = admission.received;
    }
    expect(received.size).toBe(3);
  });
});
