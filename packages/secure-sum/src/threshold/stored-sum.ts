// The coordinator's state of a sum as bytes: ciphertexts at rest, what was asked, who answered. Public. Contributions are checked again
// when they are read back; whatever else was changed on the way, members refuse.

import { CanonicalReader, CanonicalWriter, type MemberId } from '../canonical/index.ts';
import type { Trust } from '../identity/index.ts';
import { decodeReceived, encodeReceived } from '../messages/index.ts';
import { HASH_BYTES } from '../primitives.ts';
import { type Contribution, receiveContribution } from './contributions.ts';
import { type Asked, claimed, type SumCoordinatorSetting, type SumCoordinatorState } from './coordinator-sum.ts';
import { BODY_BYTES_AT_MOST, MEMBERS_OF_A_KEY_AT_MOST } from './kinds.ts';
import { sumBytes, sumOfBytes } from './statements.ts';

const LABEL = 'sumus/1/threshold/sum';
const PHASES = ['collecting', 'promising', 'answering', 'opening', 'opened', 'given up'] as const;
const CONTRIBUTORS_AT_MOST = 1 << 16;
const RECEIVED_BYTES_AT_MOST = 1 << 30;

export function encodeSum(state: SumCoordinatorState): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(1 << 16).name('label', LABEL).u8('phase', PHASES.indexOf(state.phase));
  switch (state.phase) {
    case 'collecting':
      writer.blob('received', encodeReceived(state.received)).u32('contributions', state.contributions.size);
      for (const { encoded } of state.contributions.values()) writer.blob('a contribution', encoded);
      break;
    case 'promising':
    case 'answering':
    case 'opening':
      writer.blob('received', encodeReceived(state.received));
      writeAsked(writer, state.asked);
      writer.u32('messages', state.messages.size);
      for (const [number, message] of state.messages) writer.u16('from', number).blob('a message', message);
      writer.u32('results', state.results.size);
      for (const [hash, { sum, by }] of state.results) {
        writer.name('hash', hash).blob('sum', sumBytes(sum)).u16('signers', by.length);
        for (const number of by) writer.u16('a signer', number);
      }
      break;
    case 'opened': {
      const { statement, contributors, sum } = state.result;
      writer.fixed('statement', statement, HASH_BYTES);
      writeNames(writer, contributors);
      writer.blob('sum', sumBytes(sum));
      break;
    }
    case 'given up':
      break;
    default:
      state satisfies never;
  }
  return writer.finish();
}

export async function decodeSum(
  { primitives, context, shape, contributionBytesAtMost }: SumCoordinatorSetting,
  trust: Trust,
  bytes: Uint8Array,
): Promise<SumCoordinatorState> {
  const reader = new CanonicalReader(bytes, 'the state of a sum');
  if (reader.name('label') !== LABEL) reader.refuse('E_MALFORMED', 'not the state of a sum');
  const phase = PHASES[reader.within('phase', 1, 0, PHASES.length - 1)]!;
  switch (phase) {
    case 'collecting': {
      const received = decodeReceived(reader.blobView('received', RECEIVED_BYTES_AT_MOST));
      const count = reader.count('contributions', CONTRIBUTORS_AT_MOST, 4);
      const encoded = Array.from({ length: count }, () => reader.blob('a contribution', BODY_BYTES_AT_MOST));
      reader.finish();
      const contributions = new Map<MemberId, Contribution>();
      let owners: ReadonlyMap<string, MemberId> = new Map();
      for (const one of encoded) {
        const contribution = await receiveContribution(primitives, trust, context, one, contributionBytesAtMost);
        contributions.set(contribution.memberId, contribution);
        owners = claimed(primitives, shape, owners, contribution);
      }
      return Object.freeze({ phase, received, contributions, owners });
    }
    case 'promising':
    case 'answering':
    case 'opening': {
      const received = decodeReceived(reader.blobView('received', RECEIVED_BYTES_AT_MOST));
      const asked = readAsked(reader);
      const messages = new Map<number, Uint8Array>();
      for (let left = reader.count('messages', MEMBERS_OF_A_KEY_AT_MOST, 6); left > 0; left--) {
        messages.set(reader.u16('from'), reader.blob('a message', BODY_BYTES_AT_MOST));
      }
      const results = new Map<string, { readonly sum: Int32Array; readonly by: readonly number[] }>();
      for (let left = reader.count('results', MEMBERS_OF_A_KEY_AT_MOST, 6); left > 0; left--) {
        const hash = reader.name('hash');
        const sum = readSum(reader);
        const signers = reader.within('signers', 2, 0, MEMBERS_OF_A_KEY_AT_MOST);
        results.set(hash, { sum, by: Array.from({ length: signers }, () => reader.u16('a signer')) });
      }
      reader.finish();
      return Object.freeze({ phase, asked, received, messages, results });
    }
    case 'opened': {
      const statement = reader.fixed('statement', HASH_BYTES);
      const contributors = readNames(reader);
      const sum = readSum(reader);
      reader.finish();
      return Object.freeze({ phase, result: Object.freeze({ statement, contributors, sum }) });
    }
    case 'given up':
      reader.finish();
      return Object.freeze({ phase });
    default:
      return phase satisfies never;
  }
}

function writeAsked(writer: CanonicalWriter, { statement, contributors, activeSet, request }: Asked): void {
  writer.fixed('statement', statement, HASH_BYTES);
  writeNames(writer, contributors);
  writer.u16('active set', activeSet.length);
  for (const number of activeSet) writer.u16('a member', number);
  writer.blob('request', request);
}

function readAsked(reader: CanonicalReader): Asked {
  const statement = reader.fixed('statement', HASH_BYTES);
  const contributors = readNames(reader);
  const size = reader.within('active set', 2, 0, MEMBERS_OF_A_KEY_AT_MOST);
  const activeSet = Array.from({ length: size }, () => reader.u16('a member'));
  return Object.freeze({ statement, contributors, activeSet, request: reader.blob('request', RECEIVED_BYTES_AT_MOST) });
}

function writeNames(writer: CanonicalWriter, names: readonly MemberId[]): void {
  writer.u32('contributors', names.length);
  for (const name of names) writer.name('a contributor', name);
}

function readNames(reader: CanonicalReader): MemberId[] {
  const count = reader.count('contributors', CONTRIBUTORS_AT_MOST, 5);
  return Array.from({ length: count }, () => reader.member('a contributor'));
}

function readSum(reader: CanonicalReader): Int32Array {
  const bytes = reader.blobView('sum', BODY_BYTES_AT_MOST);
  if (bytes.length % 4 !== 0) reader.refuse('E_LEN', `a sum of ${bytes.length} bytes`);
  return sumOfBytes(bytes);
}
