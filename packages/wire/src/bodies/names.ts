// Names, keys and hashes as they stand in paths and bodies.

import { hexadecimal, object, type Shape, text, whole } from '../shape/shape.ts';

export const runId: Shape<string> = text({
  atLeast: 1,
  atMost: 64,
  pattern: { source: '^[A-Za-z0-9][A-Za-z0-9._-]*$', means: 'letters, digits or ._-, a letter or digit first' },
});

/** Members and projects, as secure-sum has names. */
export const memberName: Shape<string> = text({
  atLeast: 1,
  atMost: 64,
  pattern: { source: '^[A-Za-z0-9][A-Za-z0-9._:/@+-]*$', means: 'letters, digits or ._:/@+-, a letter or digit first' },
});

export const key: Shape<string> = hexadecimal(32);
export const hash: Shape<string> = hexadecimal(32);
export const invitationId: Shape<string> = hexadecimal(16);
export const certificateText: Shape<string> = hexadecimal(1, 512);
export const milliseconds: Shape<number> = whole(0, 2 ** 53 - 1);
export const count: Shape<number> = whole(0, 2 ** 31 - 1);
export const sentence: Shape<string> = text({ atLeast: 1, atMost: 2000 });

/** Bytes that travel apart from what names them. */
export interface BlobReference {
  readonly sha256: string;
  readonly bytes: number;
}

export const blobReference: Shape<BlobReference> = object<BlobReference>({ sha256: hash, bytes: whole(1, 2 ** 40) });

/** What acts and says nothing: `{}`. */
export type Nothing = Readonly<Record<never, never>>;

export const nothing: Shape<Nothing> = object<Nothing>({});
