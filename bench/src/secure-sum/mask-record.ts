// A whole round of mask, played once and written down: everything that the server was told, and what one client was told and sent. Nothing
// is measured here, because a hundred members in one heap are no client and no server; mask-replay.ts measures each by itself.

import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenContext } from '@sumus/secure-sum/context';
import type { Engine } from '@sumus/secure-sum/engine';
import { confirmEntry, nothingEntered, proposeEntry } from '@sumus/secure-sum/high-water';
import {
  maskParticipant,
  type ParticipantEvent,
  type ParticipantSetup,
  type SecretParticipant,
} from '@sumus/secure-sum/mask';
import {
  type CoordinatorEvent,
  type CoordinatorSetup,
  type CoordinatorState,
  startCoordinator,
  stepCoordinator,
} from '@sumus/secure-sum/mask/coordinator';
import { agreementOf, type SecretPrimitives } from '@sumus/secure-sum/secret-primitives';
import { hexOf } from './mask-client.ts';
import { memberOf, openRound, proofsFor, type RoundSize, recordedMember, rosterFrom, valuesOf } from './mask-world.ts';

/** In record.json; messages lie one after another in told.bin and client.bin. */
export interface Record {
  readonly size: RoundSize;
  readonly neighbours: number;
  /** Of the recorded client. */
  readonly uploadBytes: number;
  /** What the server was told: bytes of so many, or what else happened. */
  readonly told: readonly (number | 'close' | 'beacon')[];
  /** The roster, the boxes, and what came after the client's vector. */
  readonly client: readonly number[];
  readonly sent: readonly string[];
}

export const RECORD_FILES = { record: 'record.json', told: 'told.bin', client: 'client.bin' } as const;

interface Member {
  readonly setup: ParticipantSetup;
  state: SecretParticipant | undefined;
  readonly inbox: Uint8Array[];
}

/** Writes into `folder`, which is there and empty. */
export async function recordMaskRound(
  platform: SecretPrimitives,
  engine: Engine,
  size: RoundSize,
  folder: string,
): Promise<Record> {
  const members: Member[] = [];
  for (let i = 0; i < size.members; i += 1) {
    members.push({ setup: await memberOf(platform, engine, size, i), state: undefined, inbox: [] });
  }
  const told = openSync(join(folder, RECORD_FILES.told), 'w');
  const client = openSync(join(folder, RECORD_FILES.client), 'w');
  try {
    const record = await new Recorder(platform, size, members, { told, client }).run();
    writeFileSync(join(folder, RECORD_FILES.record), JSON.stringify(record));
    return record;
  } finally {
    closeSync(told);
    closeSync(client);
  }
}

class Recorder {
  readonly #platform: SecretPrimitives;
  readonly #size: RoundSize;
  readonly #members: readonly Member[];
  readonly #files: { readonly told: number; readonly client: number };
  readonly #open: OpenContext;
  readonly #setup: CoordinatorSetup;
  #coordinator: CoordinatorState;
  readonly #told: Record['told'][number][] = [];
  readonly #client: number[] = [];
  readonly #sent: string[] = [];
  #uploadBytes = 0;
  #neighbours = 0;
  #roster: Uint8Array = new Uint8Array(0);

  constructor(
    platform: SecretPrimitives,
    size: RoundSize,
    members: readonly Member[],
    files: { readonly told: number; readonly client: number },
  ) {
    this.#platform = platform;
    this.#size = size;
    this.#members = members;
    this.#files = files;
    this.#open = openRound(platform, size);
    this.#setup = coordinatorSetup(platform, members[0]!.setup);
    this.#coordinator = startCoordinator(this.#setup, this.#open).state;
  }

  async run(): Promise<Record> {
    const { members, dropped } = this.#size;
    for (const [i, { setup }] of this.#members.entries()) {
      const entry = proposeEntry(this.#platform, nothingEntered(), this.#open);
      await this.#keep(i, maskParticipant.open(setup, confirmEntry(entry, entry.bytes)));
    }
    await this.#server({ kind: 'close' });
    const roster = rosterFrom(this.#platform, this.#open, this.#roster);
    const { logged, beacon } = await proofsFor(this.#platform, this.#open, roster);
    await this.#server({ kind: 'beacon', beacon });
    for (let i = 0; i < members; i += 1) await this.#step(i, { kind: 'roster', roster, logged, beacon });
    await this.#server({ kind: 'close' });
    const staying = members - dropped;
    await this.#deliver(staying);
    for (let i = 0; i < staying; i += 1) await this.#step(i, { kind: 'vector', values: valuesOf(this.#size, i) });
    for (const _ of ['masking', 'confirming', 'unmasking']) {
      await this.#server({ kind: 'close' });
      await this.#deliver(staying);
    }
    if (this.#coordinator.phase !== 'done') throw new Error(`the round ended ${this.#coordinator.phase}`);
    return {
      size: this.#size,
      neighbours: this.#neighbours,
      uploadBytes: this.#uploadBytes,
      told: this.#told,
      client: this.#client,
      sent: this.#sent,
    };
  }

  async #deliver(staying: number): Promise<void> {
    for (let i = 0; i < staying; i += 1) {
      for (const bytes of this.#members[i]!.inbox.splice(0)) {
        if (i === recordedMember(this.#size)) this.#tell(bytes);
        await this.#step(i, { kind: 'received', bytes });
      }
    }
  }

  #tell(bytes: Uint8Array): void {
    this.#client.push(bytes.length);
    writeSync(this.#files.client, bytes);
  }

  #step(i: number, event: ParticipantEvent): Promise<void> {
    const { setup, state } = this.#members[i]!;
    if (state === undefined) throw new Error(`member ${i} has no state`);
    return this.#keep(i, maskParticipant.step(setup, state, event));
  }

  async #keep(i: number, made: ReturnType<typeof maskParticipant.step>): Promise<void> {
    const { state, outputs } = await made;
    this.#members[i]!.state = state;
    for (const output of outputs) {
      if (output.kind === 'abort') throw new Error(`member ${i} left: ${output.reason.reason}`);
      if (output.kind !== 'send') continue;
      if (i === recordedMember(this.#size)) {
        this.#uploadBytes += output.bytes.length;
        this.#sent.push(hexOf(this.#platform.sha256(output.bytes)));
      }
      await this.#server({ kind: 'received', bytes: output.bytes });
    }
  }

  async #server(event: CoordinatorEvent): Promise<void> {
    if (event.kind === 'received') {
      this.#told.push(event.bytes.length);
      writeSync(this.#files.told, event.bytes);
    } else this.#told.push(event.kind);
    const { state, outputs } = await stepCoordinator(this.#setup, this.#coordinator, event);
    this.#coordinator = state;
    if ('session' in state) this.#neighbours = state.session.parameters.neighbours;
    for (const output of outputs) {
      if (output.kind === 'abort') throw new Error(`the round was aborted: ${output.reason.reason}`);
      if (output.kind !== 'send') continue;
      if (output.type === 'mask/roster') {
        this.#roster = output.bytes;
        this.#tell(output.bytes);
        continue;
      }
      const { to } = output;
      for (const { setup, inbox } of this.#members) {
        if (to.kind === 'everybody' || (to.kind === 'member' && to.memberId === setup.certificate.memberId)) {
          inbox.push(output.bytes);
        }
      }
    }
  }
}

export function coordinatorSetup(
  platform: SecretPrimitives,
  { engine, configuration, trust }: Pick<ParticipantSetup, 'engine' | 'configuration' | 'trust'>,
  counted: CoordinatorSetup['primitives'] = platform,
): CoordinatorSetup {
  return {
    engine,
    primitives: counted,
    configuration,
    trust,
    revealedKey: (bytes) => agreementOf(platform, platform.secretKeys.fromBytes('x25519', bytes)),
  };
}
