// OPEN-SHARE, what a member answers with for a certified set. Where sums are for everyone: its share of the sum of keys, in the clear
// (public from then on). Where they are for participants: the same share in a box to each contributor of the set.
//
//   body = set ‖ share                                   (openedTo: everyone)
//   body = set ‖ count ‖ (contributor ‖ box)…            (openedTo: participants)

import { CanonicalReader, CanonicalWriter, type MemberId } from '../../canonical/index.ts';
import { ENVELOPE_BYTES_AT_MOST } from '../../messages/index.ts';
import { encodeSetIdentity, readSetIdentity, SIGN_BODY_BYTES } from './certificate-of-set.ts';
import { boxOverheadBytes, shareBytes } from './contribution.ts';
import type { SetIdentity } from './contributor-set.ts';
import type { OneShotParameters } from './parameters.ts';

export interface BoxedAnswer {
  readonly reader: MemberId;
  readonly box: Uint8Array;
}

export type AnswerBody =
  | { readonly kind: 'share'; readonly set: SetIdentity; readonly share: Uint8Array }
  | { readonly kind: 'boxes'; readonly set: SetIdentity; readonly boxes: readonly BoxedAnswer[] };

export const answeredBoxBytes = (parameters: OneShotParameters): number =>
  boxOverheadBytes(parameters) + shareBytes(parameters);

export function answerBytesAtMost(parameters: OneShotParameters): number {
  const { openedTo, maximumContributors } = parameters;
  const each = openedTo === 'everyone' ? 0 : maximumContributors * (4 + 64 + 4 + answeredBoxBytes(parameters));
  return ENVELOPE_BYTES_AT_MOST + SIGN_BODY_BYTES + 4 + shareBytes(parameters) + each;
}

export function encodeAnswer(body: AnswerBody): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(1 << 12).fixed('set', encodeSetIdentity(body.set), SIGN_BODY_BYTES);
  switch (body.kind) {
    case 'share':
      return writer.blob('share', body.share).finish();
    case 'boxes':
      writer.u32('readers', body.boxes.length);
      for (const { reader, box } of body.boxes) writer.name('a reader', reader).blob('a box', box);
      return writer.finish();
    default:
      return body satisfies never;
  }
}

export function decodeAnswer(parameters: OneShotParameters, bytes: Uint8Array): AnswerBody {
  const reader = new CanonicalReader(bytes, 'an answer');
  const set = readSetIdentity(reader);
  if (parameters.openedTo === 'everyone') {
    const share = reader.blob('share', shareBytes(parameters));
    reader.finish();
    return Object.freeze({ kind: 'share', set, share });
  }
  const length = answeredBoxBytes(parameters);
  const count = reader.count('readers', parameters.maximumContributors, length + 9);
  const boxes: BoxedAnswer[] = [];
  for (let i = 0; i < count; i++) {
    const name = reader.member('a reader');
    const box = reader.blob('a box', length);
    if (i > 0 && name <= boxes[i - 1]!.reader)
      reader.refuse('E_MALFORMED', `${name} does not follow ${boxes[i - 1]!.reader}`);
    if (box.length !== length) reader.refuse('E_LEN', `a box of ${box.length} bytes, not ${length}`);
    boxes.push(Object.freeze({ reader: name, box }));
  }
  reader.finish();
  return Object.freeze({ kind: 'boxes', set, boxes });
}

/** What a contributor gets beside the encrypted total, where sums are opened to participants. */
export interface BoxedAnswers {
  /** encodeSetCertificate */
  readonly certificate: Uint8Array;
  /** By member number. */
  readonly boxes: readonly { readonly number: number; readonly box: Uint8Array }[];
}

export function encodeBoxedAnswers({ certificate, boxes }: BoxedAnswers): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(1 << 14).blob('certificate', certificate).u16('boxes', boxes.length);
  for (const { number, box } of boxes) writer.u16('member', number).blob('a box', box);
  return writer.finish();
}

export function decodeBoxedAnswers(parameters: OneShotParameters, bytes: Uint8Array): BoxedAnswers {
  const { members } = parameters.oneTime.committee;
  const reader = new CanonicalReader(bytes, 'boxed answers');
  const certificate = reader.blob(
    'certificate',
    SIGN_BODY_BYTES + 2 + members * (4 + ENVELOPE_BYTES_AT_MOST + SIGN_BODY_BYTES),
  );
  const count = reader.within('boxes', 2, 0, members);
  const boxes = Array.from({ length: count }, () =>
    Object.freeze({
      number: reader.within('member', 2, 1, members),
      box: reader.blob('a box', answeredBoxBytes(parameters)),
    }),
  );
  reader.finish();
  return Object.freeze({ certificate, boxes: Object.freeze(boxes) });
}
