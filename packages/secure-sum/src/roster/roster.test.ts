import { nodePrimitives } from '@sumus/platform/node';
import { postQuantumPrimitives } from '@sumus/platform/post-quantum';
import { beforeAll, describe, expect, it } from 'vitest';
import { secretHybridKey } from '../boxes/index.ts';
import { HYBRID_SUITE, openContext, SUITE, type Suite } from '../context/index.ts';
import { MalformedMessage } from '../errors.ts';
import { certificateHash, noRevocations } from '../identity/index.ts';
import { decodeMessage, signMessage, verifyMessage } from '../messages/index.ts';
import { agreementOf, freshSecretKey } from '../secret-primitives.ts';
import {
  codeOf,
  enrol,
  errorOf,
  flipped,
  freshSigner,
  openAt,
  project,
  seededPrimitives,
  type TestMember,
  type TestProject,
} from '../seeded-members.contract.ts';
import {
  ADVERTISE,
  ADVERTISE_BODY_BYTES_AT_MOST,
  advertise,
  decodeEntry,
  decodeRoster,
  encodeEntry,
  encodeRoster,
  isEntryOf,
  proveEntry,
  type Roster,
  type RosterEntry,
  requireHybridKey,
  requireOwnEntry,
  requireRoundKey,
  rosterOf,
  vouchFor,
  X_WING_PUBLIC_KEY_BYTES,
} from './index.ts';

const primitives = seededPrimitives(nodePrimitives(), 5);
const KEYS = 2;
let world: TestProject;
let entries: RosterEntry[];
let roster: Roster;

const freshKey = async (): Promise<Uint8Array> =>
  (await agreementOf(primitives, freshSecretKey(primitives, 'x25519'))).publicKey;

async function entryOf(member: TestMember, keys?: readonly Uint8Array[]): Promise<RosterEntry> {
  const { certificate, signer } = member;
  const own = keys ?? [await freshKey(), await freshKey()];
  return { certificate, advertisement: await advertise(primitives, signer, world.open, { certificate, keys: own }) };
}

beforeAll(async () => {
  world = await project(primitives, 7);
  entries = [];
  for (const member of world.members) entries.push(await entryOf(member));
  roster = rosterOf(primitives, world.open, KEYS, entries);
});

const make = (changed: readonly RosterEntry[], keyCount = KEYS): Roster =>
  rosterOf(primitives, world.open, keyCount, changed);

/** The roster with one entry exchanged. */
const withEntry = (index: number, entry: RosterEntry): RosterEntry[] =>
  entries.map((one, i) => (i === index ? entry : one));

describe('a roster', () => {
  it('is the same in whatever order members arrive, and travels', () => {
    const shuffled = [3, 0, 6, 1, 5, 2, 4].map((i) => entries[i]!);
    expect(make(shuffled).root).toEqual(roster.root);
    expect(roster.members.map((one) => one.memberId)).toEqual(world.members.map((one) => one.memberId));
    const arrived = decodeRoster(primitives, world.open, KEYS, encodeRoster(roster));
    expect(arrived).toEqual(roster);
    expect(arrived.indexOf.get(world.members[4]!.memberId)).toBe(4);
  });

  it('with one identity twice is refused (attack 3)', async () => {
    const again = await entryOf(world.members[2]!);
    expect(await codeOf(() => make([...entries, again]))).toBe('E_DUPLICATE');
    expect(await codeOf(() => make([...entries, entries[2]!]))).toBe('E_DUPLICATE');
    // Also under a second certificate for the same name.
    const second = await enrol(primitives, world.authority, world.members[2]!.memberId);
    const entry = await entryOf(second);
    expect(await codeOf(() => make([...entries, entry]))).toBe('E_DUPLICATE');
  });

  it('with one key for two members, or two purposes, is refused (attack 4)', async () => {
    const stolen = roster.members[1]!.keys[1]!;
    const fresh = await freshKey();
    for (const keys of [
      [stolen, fresh],
      [fresh, stolen],
      [fresh, fresh],
    ]) {
      const entry = await entryOf(world.members[5]!, keys);
      expect(await codeOf(() => make(withEntry(5, entry)))).toBe('E_DUPKEY');
    }
  });

  it('with a key in another encoding, so that twins look different, is refused (attack 4)', async () => {
    const twin = roster.members[1]!.keys[1]!.slice();
    twin[31]! |= 0x80;
    await expect(
      entryOf(world.members[5]!, [twin, await freshKey()]).then((entry) => make(withEntry(5, entry))),
    ).rejects.toThrow(MalformedMessage);
  });

  it('in which one’s own keys were altered makes one abort, with what the roster says as evidence (attack 5)', async () => {
    const own = { memberId: world.members[3]!.memberId, keys: roster.members[3]!.keys };
    expect(requireOwnEntry(roster, own).index).toBe(3);

    // The coordinator replays what the member advertised earlier, in an attempt that the member gave up.
    const replayed = make(withEntry(3, await entryOf(world.members[3]!)));
    const error = await errorOf(() => requireOwnEntry(replayed, own));
    expect(error.code).toBe('E_ROSTER');
    const [evidence] = error.evidence as Uint8Array[];
    const said = decodeMessage(evidence!, ADVERTISE_BODY_BYTES_AT_MOST);
    await verifyMessage(primitives, said, { ...ADVERTISE, context: world.open, sender: world.members[3]!.certificate });

    const without = make(entries.filter((_, i) => i !== 3));
    expect(await codeOf(() => requireOwnEntry(without, own))).toBe('E_ROSTER');
    expect(await codeOf(() => requireOwnEntry(roster, { ...own, keys: own.keys.slice(1) }))).toBe('E_ROSTER');
  });

  it('does not vouch for keys that the member did not sign', async () => {
    for (let i = 0; i < entries.length; i++) {
      const member = await vouchFor(primitives, world.trust, roster, i, 'silo');
      expect(member.keys).toEqual(roster.members[i]!.keys);
    }
    const { certificate, advertisement } = entries[3]!;
    const body = advertisement.body.slice();
    body.set(await freshKey(), body.length - 32);
    const forged = make(withEntry(3, { certificate, advertisement: { ...advertisement, body } }));
    expect(await codeOf(() => vouchFor(primitives, world.trust, forged, 3))).toBe('E_SIG');
  });

  it('does not vouch for members without a valid certificate (attack 2)', async () => {
    expect(await codeOf(() => vouchFor(primitives, world.trust, roster, 0, 'committee'))).toBe('E_CERT');
    const later = { ...world.trust, nowMs: entries[0]!.certificate.notAfterMs + 1 };
    expect(await codeOf(() => vouchFor(primitives, later, roster, 0))).toBe('E_CERT');
    const hash = Buffer.from(certificateHash(primitives, entries[0]!.certificate)).toString('hex');
    const revoked = { ...world.trust, revocations: { ...noRevocations('hospitals'), revoked: new Set([hash]) } };
    expect(await codeOf(() => vouchFor(primitives, revoked, roster, 0))).toBe('E_CERT');
    const outsider = await enrol(primitives, await freshSigner(primitives), 'sybil');
    const withSybil = make([...entries, await entryOf(outsider)]);
    const index = withSybil.indexOf.get(outsider.memberId)!;
    expect(await codeOf(() => vouchFor(primitives, world.trust, withSybil, index))).toBe('E_CERT');
  });

  it('takes no advertisement of another context, or beside another certificate (attack 13)', async () => {
    const { certificate, signer } = world.members[3]!;
    const keys = roster.members[3]!.keys;
    const earlier = await advertise(primitives, signer, openAt(primitives, 0), { certificate, keys });
    expect(await codeOf(() => make(withEntry(3, { certificate, advertisement: earlier })))).toBe('E_CTX');
    const foreign = { certificate: entries[2]!.certificate, advertisement: entries[3]!.advertisement };
    expect(await codeOf(() => make(withEntry(2, foreign)))).toBe('E_CERT');
    // Mallory signs an advertisement with the hash of her victim's certificate in it.
    const mallory = world.members[2]!;
    const { body } = entries[3]!.advertisement;
    const hers = await signMessage(primitives, mallory.signer, world.open, {
      ...ADVERTISE,
      sender: mallory.memberId,
      body,
    });
    expect(await codeOf(() => make(withEntry(3, { certificate, advertisement: hers })))).toBe('E_CERT');
    const renewed = await enrol(primitives, world.authority, world.members[3]!.memberId);
    const exchanged = { certificate: renewed.certificate, advertisement: entries[3]!.advertisement };
    expect(await codeOf(() => make(withEntry(3, exchanged)))).toBe('E_CERT');
  });

  it('takes only as many keys as the protocol has, each of 32 bytes (attack 6)', async () => {
    const one = await entryOf(world.members[3]!, [await freshKey()]);
    expect(await codeOf(() => make(withEntry(3, one)))).toBe('E_LEN');
    const { certificate, signer, memberId } = world.members[3]!;
    for (const cut of [-1, 1]) {
      const whole = entries[3]!.advertisement.body;
      const body = cut < 0 ? whole.slice(0, cut) : Uint8Array.of(...whole, 0);
      const advertisement = await signMessage(primitives, signer, world.open, { ...ADVERTISE, sender: memberId, body });
      expect(await codeOf(() => make(withEntry(3, { certificate, advertisement })))).toBe('E_LEN');
    }
  });

  it('is refused as bytes when cut, padded, out of order or hostile in length', () => {
    const bytes = encodeRoster(make(entries.slice(0, 2)));
    const decode = (hostile: Uint8Array): Roster => decodeRoster(primitives, world.open, KEYS, hostile);
    for (let length = 0; length < bytes.length; length += 7) {
      expect(() => decode(bytes.subarray(0, length))).toThrow(MalformedMessage);
    }
    expect(() => decode(Uint8Array.of(...bytes, 0))).toThrow(MalformedMessage);
    expect(() => decode(Uint8Array.of(255, 255, 0, 0))).toThrow(/are left/);
    expect(() => decode(Uint8Array.of(255, 255, 255, 255))).toThrow(/members is/);
    const reversed = encodeRoster({ ...roster, entries: [...roster.entries].reverse() });
    expect(() => decode(reversed)).toThrow(/order/);
    expect(decodeEntry(encodeEntry(entries[0]!))).toEqual(entries[0]);
  });
});

describe('a proof that an entry is in a roster', () => {
  it('holds for its place alone', () => {
    for (let i = 0; i < entries.length; i++) {
      const proof = proveEntry(primitives, roster, i);
      expect(isEntryOf(primitives, roster.root, roster.entries[i]!, proof)).toBe(true);
      expect(isEntryOf(primitives, roster.root, roster.entries[(i + 1) % 7]!, proof)).toBe(false);
      for (const wrong of [
        { index: (i + 1) % 7 },
        { memberCount: 8 },
        { memberCount: 6 },
        { memberCount: -1 },
        { path: [] },
      ]) {
        expect(isEntryOf(primitives, roster.root, roster.entries[i]!, { ...proof, ...wrong })).toBe(false);
      }
      expect(isEntryOf(primitives, flipped(roster.root, 0), roster.entries[i]!, proof)).toBe(false);
    }
  });
});

describe('a key of a round', () => {
  const p = 2n ** 255n - 19n;
  const bytesOf = (value: bigint): Uint8Array =>
    Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
  const power = (base: bigint, exponent: bigint): bigint => {
    let [result, square] = [1n, base % p];
    for (let rest = exponent; rest > 0n; rest >>= 1n) {
      if (rest & 1n) result = (result * square) % p;
      square = (square * square) % p;
    }
    return result;
  };
  const A = 486662n;
  /** Doubles a u-coordinate on v² = u³ + A·u² + u or its twist: (u² − 1)² / (4u·(u² + A·u + 1)); undefined at infinity. */
  const double = (u: bigint): bigint | undefined => {
    const below = (4n * u * (u * u + A * u + 1n)) % p;
    return below === 0n ? undefined : ((u * u - 1n) ** 2n * power(below, p - 2n)) % p;
  };

  it('of low order is refused in each of its encodings: those that reach infinity by three doublings (attack 7)', async () => {
    const order8 = [
      'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
      '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    ];
    const values = order8.map((hex) => BigInt(`0x${Buffer.from(hex, 'hex').reverse().toString('hex')}`));
    // That these are low-order points is not taken on trust; u = 0, 1 and −1 have orders 2, 4 and 4 (on curve and twist).
    for (const u of [0n, 1n, p - 1n, ...values]) {
      let point: bigint | undefined = u;
      for (let i = 0; i < 3 && point !== undefined; i++) point = double(point);
      expect(point).toBeUndefined();
    }
    const canonical = [0n, 1n, p - 1n, ...values];
    const reduced = [...canonical, p, p + 1n];
    const encodings = [...reduced, ...reduced.map((value) => value + 2n ** 255n)];
    for (const value of encodings) expect(await codeOf(() => requireRoundKey(bytesOf(value)))).toBe('E_LOWORDER');
    // 9, the base point, is none: the test of three doublings can fail.
    expect(double(double(double(9n)!)!)).toBeDefined();
    expect(requireRoundKey(bytesOf(9n))).toEqual(bytesOf(9n));
  });

  it('is refused at 0, 31, 33 bytes, at and above p, and with the top bit set (attack 6)', async () => {
    for (const length of [0, 31, 33, 44]) {
      expect(await codeOf(() => requireRoundKey(new Uint8Array(length).fill(9)))).toBe('E_KEY');
    }
    for (const value of [p + 2n, p + 9n, 2n ** 255n - 1n, 2n ** 255n + 9n, 2n ** 256n - 1n]) {
      expect(await codeOf(() => requireRoundKey(bytesOf(value)))).toBe('E_KEY');
    }
    requireRoundKey(bytesOf(p - 2n));
  });
});

describe('hybrid keys', () => {
  const postQuantum = postQuantumPrimitives();

  /** A roster of the members under a suite, with what they advertise. */
  async function rosterUnder(
    suite: Suite,
    hybridKeyOf: (index: number) => Promise<Uint8Array | undefined>,
  ): Promise<Roster> {
    const open = openContext(primitives, { ...world.open.fields, suite });
    const made: RosterEntry[] = [];
    for (const [i, { certificate, signer }] of world.members.entries()) {
      const key = await agreementOf(primitives, freshSecretKey(primitives, 'x25519'));
      const advertised = { certificate, keys: [key.publicKey], hybridKey: await hybridKeyOf(i) };
      made.push({ certificate, advertisement: await advertise(primitives, signer, open, advertised) });
    }
    const roster = rosterOf(primitives, open, 1, made);
    expect(encodeRoster(decodeRoster(primitives, open, 1, encodeRoster(roster)))).toEqual(encodeRoster(roster));
    return roster;
  }

  const fresh = async (): Promise<Uint8Array> =>
    (await secretHybridKey(primitives, postQuantum, primitives.randomBytes(32))).publicKey;

  it('stand in the roster under the hybrid suite, for everybody, and under no other', async () => {
    const roster = await rosterUnder(HYBRID_SUITE, fresh);
    expect(roster.members.every(({ hybridKey }) => hybridKey?.length === X_WING_PUBLIC_KEY_BYTES)).toBe(true);
    const own = roster.members[0]!;
    expect(requireOwnEntry(roster, own)).toBe(own);
    const { hybridKey: _, ...without } = own;
    expect(await codeOf(() => requireOwnEntry(roster, without))).toBe('E_ROSTER');
    expect(await codeOf(() => rosterUnder(HYBRID_SUITE, async (i) => (i === 0 ? undefined : fresh())))).toBe(
      'E_ROSTER',
    );
    expect(await codeOf(() => rosterUnder(SUITE, async (i) => (i === 0 ? fresh() : undefined)))).toBe('E_ROSTER');
  });

  it('are refused where two members claim one, where they are of low order, and where a coefficient is not below 3329 (attacks 4, 6, 7)', async () => {
    const one = await fresh();
    expect(await codeOf(() => rosterUnder(HYBRID_SUITE, async () => one))).toBe('E_DUPKEY');
    const low = one.slice();
    low.fill(0, X_WING_PUBLIC_KEY_BYTES - 32);
    expect(await codeOf(() => requireHybridKey(low))).toBe('E_LOWORDER');
    for (const at of [0, 1, 1150]) {
      const large = one.slice();
      large.fill(255, at, at + 2);
      expect(await codeOf(() => requireHybridKey(large)), `byte ${at}`).toBe('E_KEY');
    }
    expect(await codeOf(() => requireHybridKey(one.subarray(1)))).toBe('E_KEY');
  });
});
