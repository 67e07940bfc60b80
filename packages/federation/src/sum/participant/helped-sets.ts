// Whose contributions this participant helped to open, of the model that it trains now. A round that failed is tried again from the same model, with
// nearly the same updates: two sums of it that differ by few contributors would be a sum of these few. Who lies that an opened round failed is
// refused the second one, which no set of helpers opens without somebody who helped with the first.
//
//   refused     another set for the same model, unless nobody is in both: of many that overlap, however much they differ, single updates follow
//   not here    where noise is promised, which is charged for each sum; on a sparse graph of mask, where nobody sees the whole set; committees
//               that are drawn for each round, whose members may be others

import { CanonicalReader, type CanonicalWriter, sameBytes } from '@sumus/secure-sum/canonical';
import { ProtocolViolation } from '@sumus/secure-sum/errors';
import { decodeCertificate } from '@sumus/secure-sum/identity';
import { HASH_BYTES } from '@sumus/secure-sum/primitives';
import type { SumAgreement, SumPoint } from '../sum.ts';

export interface HelpedSets {
  readonly model: Uint8Array;
  readonly sets: readonly (readonly string[])[];
}

export const NONE_HELPED: HelpedSets = Object.freeze({ model: new Uint8Array(HASH_BYTES), sets: Object.freeze([]) });

/** To go on with once this set is helped. E_FLOOR where it tells too much beside an earlier one. */
export function helping<Standing extends { readonly helped: HelpedSets }>(
  { setup, point }: { readonly setup: Pick<SumAgreement, 'plan'>; readonly point: Pick<SumPoint, 'modelHash'> },
  standing: Standing,
  contributors: readonly string[],
): Standing {
  if (setup.plan.privacy.kind !== 'none') return standing;
  const { helped } = standing;
  const earlier = sameBytes(helped.model, point.modelHash) ? helped.sets : [];
  const isSame = (set: readonly string[]): boolean =>
    set.length === contributors.length && set.every((one, i) => one === contributors[i]);
  for (const set of earlier) {
    if (isSame(set)) return standing;
    const inBoth = contributors.filter((one) => set.includes(one)).length;
    if (inBoth > 0) {
      const apart = contributors.length + set.length - 2 * inBoth;
      throw new ProtocolViolation(
        'E_FLOOR',
        `the contributors differ by ${apart} from those of an earlier sum of this model: ${contributors.slice(0, 8).join(', ')}`,
      );
    }
  }
  const sets = Object.freeze([...earlier, Object.freeze([...contributors])]);
  return Object.freeze({ ...standing, helped: Object.freeze({ model: point.modelHash.slice(), sets }) });
}

/** The same sets under the next name of the same model. */
export function helpedUnder<Standing extends { readonly helped: HelpedSets }>(
  standing: Standing,
  { from, to }: { readonly from: Uint8Array; readonly to: Uint8Array },
): Standing {
  const { model, sets } = standing.helped;
  if (!sameBytes(model, from)) return standing;
  return Object.freeze({ ...standing, helped: Object.freeze({ model: to.slice(), sets }) });
}

const MOST = 2 ** 30;
const SETS_AT_MOST = 2 ** 20;

export function writeHelped(writer: CanonicalWriter, { model, sets }: HelpedSets): void {
  writer.fixed('a model', model, HASH_BYTES).u32('sets', sets.length);
  for (const set of sets) {
    writer.u32('contributors', set.length);
    for (const name of set) writer.name('a contributor', name);
  }
}

export function readHelped(reader: CanonicalReader): HelpedSets {
  const model = reader.fixed('a model', HASH_BYTES);
  const count = reader.count('sets', SETS_AT_MOST, 4);
  const sets = Array.from({ length: count }, () => {
    const size = reader.count('contributors', SETS_AT_MOST, 1);
    return Object.freeze(Array.from({ length: size }, () => reader.name('a contributor')));
  });
  return Object.freeze({ model, sets: Object.freeze(sets) });
}

/** Of a request to sign a set of one-shot: as it claims, for whoever signs it verifies these certificates. */
export function claimedBySet(request: Uint8Array): readonly string[] {
  const reader = new CanonicalReader(
    new CanonicalReader(request, 'a set of contributions').blobView('heads', request.length),
    'the heads of a set',
  );
  reader.u32('flush');
  const count = reader.count('contributions', SETS_AT_MOST, 8);
  return Array.from({ length: count }, () => {
    const { memberId } = decodeCertificate(reader.blobView('certificate', MOST));
    reader.blobView('head', MOST);
    return memberId;
  });
}

/** Of a request to open ciphertexts of a shared key, likewise. */
export function claimedByRequest(request: Uint8Array): readonly string[] {
  const reader = new CanonicalReader(request, 'a request to open');
  for (let left = reader.u16('active set'); left > 0; left--) reader.u16('a member');
  const count = reader.count('contributions', SETS_AT_MOST, 4);
  return Array.from({ length: count }, () => {
    const contribution = new CanonicalReader(reader.blobView('a contribution', MOST), 'a contribution');
    return decodeCertificate(contribution.blobView('certificate', MOST)).memberId;
  });
}
