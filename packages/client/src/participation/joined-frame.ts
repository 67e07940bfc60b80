// A frame as the participant reads it: its head, and behind it the body that travelled apart. Whether they belong together, the head's signed
// hash says.

export function joinedFrame(head: Uint8Array, body: Uint8Array | null): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(head.length + (body?.length ?? 0));
  bytes.set(head);
  if (body !== null) bytes.set(body, head.length);
  return bytes;
}
