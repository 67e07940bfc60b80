// One round of mask as all see it once the roster is logged and the beacon drawn, and the few values that both sides compute. Public:
// what is hashed or derived here is revealed to the coordinator, or was.

import { CanonicalWriter, delimited, type MemberId, u32Bytes } from '../canonical/index.ts';
import { type Context, derive, type RoundConfiguration } from '../context/index.ts';
import type { PublicPrimitives } from '../primitives.ts';
import { parametersFor } from './configuration.ts';
import type { DeliveryBounds } from './deliveries.ts';
import { type MaskGraph, maskGraph } from './graph.ts';
import type { MaskParameters } from './parameters.ts';

export interface MaskSession extends DeliveryBounds {
  readonly context: Context;
  readonly configuration: RoundConfiguration;
  readonly parameters: MaskParameters;
  readonly links: MaskGraph;
}

export function maskSession(
  primitives: Pick<PublicPrimitives, 'hkdfSha256' | 'chacha20'>,
  configuration: RoundConfiguration,
  context: Context,
  members: number,
): MaskSession {
  const parameters = parametersFor(configuration, members);
  const { vectorLength, wordBits } = configuration;
  const links = maskGraph(primitives, context, parameters);
  return Object.freeze({ context, configuration, parameters, links, graph: parameters.graph, vectorLength, wordBits });
}

/** A member's sharing set: its neighbours and itself, ascending. */
export function sharingSetOf({ links }: MaskSession, index: number): readonly number[] {
  return [...links.neighboursOf(index), index].sort((a, b) => a - b);
}

/**
 * How many of a list count against t: on the complete graph a member counts itself, its own share and signature; on a sparse one its
 * neighbours alone (specification §1.3: "the owner's own share not counted").
 */
export const counted = ({ graph }: MaskSession, others: number): number => (graph === 'complete' ? others + 1 : others);

/** The sign of a pair's mask on the vector of `own`: by index in the roster, never by name (attack 70). */
export const signOf = (own: number, other: number): 1 | -1 => (own < other ? 1 : -1);

/** What a member binds itself to when it shares its seed: a combined seed that is another one is noticed. */
export const commitToSeed = (
  { sha256 }: Pick<PublicPrimitives, 'sha256'>,
  { hash }: Context,
  owner: MemberId,
  seed: Uint8Array,
): Uint8Array => sha256(delimited('sumus/1/mask/seed', hash, owner, seed));

/**
 * To one share, for blame: who answers with another share than it got is told from who shared badly. A share is 32 uniform bytes, so
 * its hash hides it without a salt.
 */
export const commitToShare = (
  { sha256 }: Pick<PublicPrimitives, 'sha256'>,
  { hash }: Context,
  owner: MemberId,
  of: 'seed' | 'key',
  point: number,
  share: Uint8Array,
): Uint8Array => sha256(delimited('sumus/1/mask/share', hash, owner, of, u32Bytes(point), share));

/** What the living sign on the complete graph: one list for all, or no unmasking (attack 23). */
export function hashOfLiving(
  { sha256 }: Pick<PublicPrimitives, 'sha256'>,
  { hash }: Context,
  living: readonly number[],
): Uint8Array {
  const list = new CanonicalWriter(4 * living.length);
  for (const index of living) list.u32('member', index);
  return sha256(delimited('sumus/1/mask/living', hash, list.finish()));
}

/** The key of a member's own mask. */
export const selfMaskKey = (
  primitives: Pick<PublicPrimitives, 'hkdfSha256'>,
  context: Context,
  owner: MemberId,
  seed: Uint8Array,
): Uint8Array => derive(primitives, seed, { context, label: 'mask/self', parts: [owner], lengthBytes: 32 });

/** The label under which two members derive the key of their mask (boxes/pair-seed.ts). */
export const PAIR_LABEL = 'mask/pair';
