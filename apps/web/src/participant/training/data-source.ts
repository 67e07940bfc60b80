// Where a participant's examples came from, as bytes: kept sealed, so that a page that was closed goes on with the same data without asking
// again. Examples are made of it anew each time.

import { categoricalColumn } from '@sumus/dataset/table';
import { MalformedMessage } from '@sumus/federation/errors';
import type { Pictures } from '../data/picture-examples.ts';
import type { Mapping } from '../data/table-examples.ts';

export type DataSource =
  | { readonly kind: 'digits'; readonly address: string; readonly count: number; readonly from: number }
  | {
      readonly kind: 'table';
      readonly name: string;
      readonly mapping: Mapping;
      readonly bytes: Uint8Array<ArrayBuffer>;
    }
  | { readonly kind: 'pictures'; readonly name: string; readonly leftOut: number; readonly pictures: Pictures };

/** More is asked for again. */
export const SOURCE_BYTES_AT_MOST: number = 2 ** 27;
const encoder: TextEncoder = new TextEncoder();
const decoder: TextDecoder = new TextDecoder('utf-8', { fatal: true });

/** Length of a JSON head (4 bytes, little-endian), the head, the body. Undefined where it is too much to keep. */
export function bytesOfSource(source: DataSource): Uint8Array<ArrayBuffer> | undefined {
  const { head, body } = partsOf(source);
  const text = encoder.encode(JSON.stringify(head));
  if (text.length + body.length > SOURCE_BYTES_AT_MOST) return undefined;
  const bytes = new Uint8Array(4 + text.length + body.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  bytes.set(body, 4 + text.length);
  return bytes;
}

const nothing: Uint8Array = new Uint8Array(0);

function partsOf(source: DataSource): { readonly head: object; readonly body: Uint8Array } {
  switch (source.kind) {
    case 'digits':
      return { head: source, body: nothing };
    case 'table': {
      const { kind, name, mapping, bytes } = source;
      return { head: { kind, name, mapping }, body: bytes };
    }
    case 'pictures': {
      const { kind, name, leftOut, pictures } = source;
      const { count, height, width, channels, labels, samples } = pictures;
      const head = { kind, name, leftOut, count, height, width, channels };
      return { head: { ...head, codes: [...labels.codes], folders: labels.dictionary }, body: samples };
    }
    default:
      return source satisfies never;
  }
}

/** Of bytes that were sealed here: their form is this file's own. */
export function sourceFromBytes(bytes: Uint8Array): DataSource {
  const length = bytes.length < 4 ? -1 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (length < 0 || 4 + length > bytes.length) throw new MalformedMessage('the stored data are damaged');
  const head = JSON.parse(decoder.decode(bytes.subarray(4, 4 + length)));
  const body = new Uint8Array(bytes.subarray(4 + length));
  switch (head.kind) {
    case 'digits':
      return { kind: 'digits', address: head.address, count: head.count, from: head.from };
    case 'table':
      return { kind: 'table', name: head.name, mapping: head.mapping, bytes: body };
    case 'pictures': {
      const { name, leftOut, count, height, width, channels, codes, folders } = head;
      const labels = categoricalColumn('label', Int32Array.from(codes), folders);
      return { kind: 'pictures', name, leftOut, pictures: { count, height, width, channels, labels, samples: body } };
    }
    default:
      throw new MalformedMessage('the stored data are of an unknown kind');
  }
}
