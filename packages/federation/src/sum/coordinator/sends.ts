// What the coordinator told members, as bytes: to be told again after a restart. Public.

import { memberId } from '@sumus/secure-sum/identity';
import { type Recipient, type Send, send, TO_EVERYBODY, toMember } from '@sumus/secure-sum/machine';
import { decodeList, encodeList, readText, textPart } from '../frame.ts';

const nameOf = (to: Recipient): string => (to.kind === 'member' ? to.memberId : '');

export const encodeSends = (sends: readonly Send[]): Uint8Array =>
  encodeList(...sends.flatMap(({ to, type, bytes }) => [textPart(nameOf(to)), textPart(type), bytes]));

export function decodeSends(bytes: Uint8Array): Send[] {
  const parts = decodeList(bytes, 'what was told');
  const sends: Send[] = [];
  for (let i = 0; i + 2 < parts.length; i += 3) {
    const name = readText(parts[i]!);
    const to = name === '' ? TO_EVERYBODY : toMember(memberId(name));
    sends.push(send(to, readText(parts[i + 1]!), parts[i + 2]!.slice()));
  }
  return sends;
}
