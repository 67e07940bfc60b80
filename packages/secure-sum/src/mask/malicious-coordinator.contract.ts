// A coordinator that cheats: it tells every member another list of the living, collects what they reveal, and takes off one victim's
// vector every mask that it can. What it needs is exactly what the guards of participants withhold.

import { pairSeed } from '../boxes/pair-seed.ts';
import { decodeMessage } from '../messages/index.ts';
import { agreementOf } from '../secret-primitives.ts';
import { decodeAliveMacs, decodeUnmaskEntries, type UnmaskEntry } from './bodies.ts';
import { combiner } from './combine.ts';
import { encodeDelivery, type Voucher } from './deliveries.ts';
import { addPackedWords, applyMasks, type Mask, signedWords } from './key-stream.ts';
import { type MaskSession, PAIR_LABEL, selfMaskKey, signOf } from './session.ts';
import type { SimulatedRound } from './simulation.contract.ts';

const BODY_AT_MOST = 1_000_000;

export function sessionOf(round: SimulatedRound): MaskSession {
  if (round.session === undefined) throw new Error('there is no session yet');
  return round.session;
}

/** What each member last sent of a type. */
export const sentBy = (round: SimulatedRound, type: string): ReadonlyMap<number, ReturnType<typeof decodeMessage>> =>
  new Map(
    round.wire
      .filter((one) => one.type === type)
      .map(({ member, bytes }) => [member, decodeMessage(bytes, BODY_AT_MOST)]),
  );

/** ALIVE under lists of the attacker's choice, one for each member. The honest coordinator refuses what comes; the wire has it. */
export async function tellLiving(round: SimulatedRound, listFor: (member: number) => readonly number[]): Promise<void> {
  const { context } = sessionOf(round);
  for (let member = 0; member < round.setups.length; member++) {
    const living = [...listFor(member)].sort((a, b) => a - b);
    await round.participate(member, {
      kind: 'received',
      bytes: encodeDelivery(context, { type: 'mask/living', living }),
    });
  }
}

/** UNMASK: to everybody all vouchers that the answers of the others give. */
export async function tellVouchers(round: SimulatedRound): Promise<void> {
  const { context, graph } = sessionOf(round);
  const alive = sentBy(round, 'mask/alive');
  for (let member = 0; member < round.setups.length; member++) {
    const vouchers: Voucher[] = [];
    for (const [index, { body, signature }] of [...alive].sort(([a], [b]) => a - b)) {
      if (graph === 'complete') vouchers.push({ index, proof: signature });
      else {
        const mac = decodeAliveMacs(body).find((one) => one.index === member);
        if (mac !== undefined) vouchers.push({ index, proof: mac.mac });
      }
    }
    await round.participate(member, {
      kind: 'received',
      bytes: encodeDelivery(context, { type: 'mask/vouchers', vouchers }),
    });
  }
}

/** What corrupt members bring into a coalition: their own keys for masks, and both shares of everybody who left shares with them. */
export interface Loot {
  readonly keys: ReadonlyMap<number, Uint8Array>;
  readonly entries: readonly (readonly [responder: number, entries: readonly UnmaskEntry[]])[];
}

export const NO_LOOT: Loot = { keys: new Map(), entries: [] };

/** The victim's masked vector without every mask that coordinator and coalition can take off it, and how many masks are left. */
export async function strip(
  round: SimulatedRound,
  victim: number,
  { keys, entries }: Loot = NO_LOOT,
): Promise<{ readonly vector: Int32Array; readonly masksLeft: number }> {
  const session = sessionOf(round);
  const { context, links, parameters, wordBits, vectorLength } = session;
  const { primitives, engine } = round.world;
  const members = round.roster!.members;
  const revealed = [
    ...[...sentBy(round, 'mask/unmask')].map(([member, { body }]) => [member, decodeUnmaskEntries(body)] as const),
    ...entries,
  ];
  const combined = (owner: number, of: UnmaskEntry['of']): Uint8Array | undefined => {
    const byPoint = new Map<number, Uint8Array>();
    for (const [responder, list] of revealed) {
      const entry = list.find((one) => one.index === owner && one.of === of);
      if (entry !== undefined) byPoint.set(links.pointOf(owner, responder), entry.share);
    }
    const shares = [...byPoint].map(([point, share]) => ({ point, share }));
    return shares.length < parameters.threshold ? undefined : combiner()(shares.slice(0, parameters.threshold));
  };
  const { memberId, keys: publicKeys } = members[victim]!;
  const masks: Mask[] = [];
  let masksLeft = 0;
  const seed = combined(victim, 'seed');
  if (seed === undefined) masksLeft += 1;
  else masks.push({ key: selfMaskKey(primitives, context, memberId, seed), sign: -1 });
  const sharers = sentBy(round, 'mask/share');
  for (const peer of links.neighboursOf(victim).filter((index) => sharers.has(index))) {
    const bytes = keys.get(peer) ?? combined(peer, 'key');
    if (bytes === undefined) {
      masksLeft += 1;
      continue;
    }
    const key = await agreementOf(primitives, primitives.secretKeys.fromBytes('x25519', bytes));
    const own = { memberId: members[peer]!.memberId, key };
    const pair = { context, label: PAIR_LABEL, lengthBytes: 32, own, peer: { memberId, publicKey: publicKeys[0]! } };
    masks.push({ key: await pairSeed(primitives, pair), sign: signOf(victim, peer) === 1 ? -1 : 1 });
  }
  const words = new Uint32Array(vectorLength);
  addPackedWords(engine, words, sentBy(round, 'mask/masked').get(victim)!.body, wordBits);
  applyMasks(engine, primitives, words, wordBits, masks);
  return { vector: signedWords(engine, words, wordBits).values, masksLeft };
}

/** The victim's vector, when no mask is left on it. */
export async function recoverVector(
  round: SimulatedRound,
  victim: number,
  entries: Loot['entries'] = [],
): Promise<Int32Array | undefined> {
  const { vector, masksLeft } = await strip(round, victim, { keys: new Map(), entries });
  return masksLeft === 0 ? vector : undefined;
}
