import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { memberId } from '../canonical/index.ts';
import type { Signer } from '../primitives.ts';
import { codeOf, flipped, freshSigner, PROJECT, seededPrimitives } from '../seeded-members.contract.ts';
import {
  type Charter,
  type CharterFields,
  charterHash,
  decodeCharter,
  encodeCharter,
  signCharter,
  verifyCharter,
} from './index.ts';

const primitives = seededPrimitives(nodePrimitives(), 10);
let organisations: Signer[];
let fields: CharterFields;
let charter: Charter;
let pinned: Uint8Array;

const sign = async (of: CharterFields, by: readonly Signer[] = organisations): Promise<Charter> => ({
  ...of,
  signatures: await Promise.all(by.map((one) => signCharter(one, of))),
});

beforeAll(async () => {
  organisations = [await freshSigner(primitives), await freshSigner(primitives), await freshSigner(primitives)];
  const parties = organisations.map((one, i) => ({ memberId: memberId(`org-${i}`), publicKey: one.publicKey }));
  const authority = (await freshSigner(primitives)).publicKey;
  const logKey = (await freshSigner(primitives)).publicKey;
  fields = { projectId: PROJECT, authority, logKey, witnesses: parties, organisations: parties };
  charter = await sign(fields);
  pinned = charterHash(primitives, fields);
});

describe('a charter', () => {
  it('gives what participants trust, also after it travelled', async () => {
    const roots = await verifyCharter(primitives, pinned, decodeCharter(encodeCharter(charter)));
    expect(roots.authority).toEqual(fields.authority);
    expect(roots.log.witnesses).toEqual(fields.witnesses);
  });

  it('that is not the pinned one is refused, whoever signed it', async () => {
    const coordinator = await freshSigner(primitives);
    for (const changed of [
      { authority: coordinator.publicKey },
      { logKey: coordinator.publicKey },
      { projectId: 'banks' },
    ]) {
      const other = await sign({ ...fields, ...changed });
      expect(await codeOf(() => verifyCharter(primitives, pinned, other))).toBe('E_CERT');
    }
  });

  it('that one organisation did not sign is refused, also where it is pinned', async () => {
    const [first, second] = charter.signatures;
    const incomplete = [[], [first!, second!], [first!, second!, second!], [first!, second!, flipped(second!, 40)]];
    for (const signatures of incomplete) {
      expect(await codeOf(() => verifyCharter(primitives, pinned, { ...charter, signatures }))).toBe('E_CERT');
    }
  });

  it('with one key for two parties, a party twice, nobody, or one key for authority and log is refused', async () => {
    const [a, b, c] = fields.organisations;
    const wrong: Partial<CharterFields>[] = [
      { organisations: [a!, { ...b!, publicKey: a!.publicKey }, c!] },
      { organisations: [a!, { ...b!, memberId: a!.memberId }, c!] },
      { organisations: [b!, a!, c!] },
      { witnesses: [] },
      { witnesses: [a!, { ...b!, publicKey: a!.publicKey }] },
      { logKey: fields.authority },
    ];
    for (const part of wrong) {
      const other = { ...fields, ...part };
      const order = other.organisations.map(
        (one) => organisations.find((signer) => signer.publicKey === one.publicKey)!,
      );
      const signed = await sign(other, order);
      expect(await codeOf(() => verifyCharter(primitives, charterHash(primitives, other), signed))).toBe('E_CERT');
    }
    const nobody = { ...fields, organisations: [] };
    const hash = charterHash(primitives, nobody);
    expect(await codeOf(() => verifyCharter(primitives, hash, { ...nobody, signatures: [] }))).toBe('E_CERT');
  });
});
