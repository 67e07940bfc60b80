// The owner's log of one run, read and written: each thing that is asked is held against the state, verified, appended, and only then true. Several
// processes may hold the same office; whoever appends at a place that is taken reads on and decides anew.
//
// It refuses: what breaks a rule, as a Problem; a request that was acted upon before. It has no key: what it believes, others signed.

import {
  decodeCertificate,
  decodeRevocationList,
  noRevocations,
  type Revocations,
  verifyCertificate,
  verifyRevocations,
} from '@sumus/secure-sum/identity';
import type { PublicPrimitives } from '@sumus/secure-sum/primitives';
import type { AnswerEnrolment } from '@sumus/wire/bodies';
import { Problem } from '@sumus/wire/problem';
import { bytesOfHex, hexOf, readJsonText } from '@sumus/wire/text';
import type { RunId, Store } from '../store/store.ts';
import { type ByRequest, type OfficeEvent, officeEvent } from './office-events.ts';
import { nonceOf, type OfficeState, officeFold } from './office-state.ts';

const SUFFIX = '.office';
/** Only how old a list may be that is handed in; participants have their own idea of what is too old. */
const LIST_AGE_MS = 400 * 24 * 60 * 60 * 1000;

export const officeOf = (run: RunId): RunId => `${run}${SUFFIX}`;
export const isOffice = (run: RunId): boolean => run.endsWith(SUFFIX);
export const runOfOffice = (office: RunId): RunId => office.slice(0, -SUFFIX.length);

/** What an event says beside when and by whom. */
export type OfficeAction = OfficeEvent extends infer Event
  ? Event extends unknown
    ? Omit<Event, 'atMs' | 'by'>
    : never
  : never;

export class Office {
  readonly #store: Store;
  readonly #primitives: PublicPrimitives;
  readonly #log: RunId;
  readonly #listeners = new Set<() => void>();
  #state: OfficeState | undefined;
  #next = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: Store, primitives: PublicPrimitives, run: RunId) {
    this.#store = store;
    this.#primitives = primitives;
    this.#log = officeOf(run);
  }

  /** Undefined before the run is registered. */
  get state(): OfficeState | undefined {
    return this.#state;
  }

  /** Throws a Problem where there is no such run. */
  get known(): OfficeState {
    if (this.#state === undefined) throw new Problem('not-found', 'there is no run of that name');
    return this.#state;
  }

  /** Reads what others appended. */
  refresh(): Promise<void> {
    return this.#inTurn(() => this.#read());
  }

  /**
   * Appends what `decide` makes of the newest state; nothing where it answers undefined. It may be asked again, when somebody else was first.
   * What it throws is not done.
   */
  act(
    by: ByRequest | null,
    nowMs: number,
    decide: (state: OfficeState | undefined) => OfficeAction | undefined | Promise<OfficeAction | undefined>,
  ): Promise<void> {
    return this.#inTurn(async () => {
      for (;;) {
        const state = this.#state;
        if (by !== null && state?.nonces.has(nonceOf(by)))
          throw new Problem('replayed', 'this request was acted upon before');
        const action = await decide(state);
        if (action === undefined) return;
        // Members are those of one kind of event, with the two that are common to all.
        const event = { ...action, atMs: nowMs, by } as OfficeEvent;
        const folded = officeFold(this.#primitives, state, event);
        if (folded === state) throw new Problem('conflict', `${event.kind} does not follow here`);
        const appended = await this.#store.append(this.#log, this.#next, [JSON.stringify(event)]);
        if (appended.kind === 'appended') {
          this.#state = folded;
          this.#next = appended.next;
          for (const listener of this.#listeners) listener();
          return;
        }
        await this.#read();
      }
    });
  }

  /** Called after every change that this process knows of. Answers how to stop it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Throws unless an answer is what the owner may give: a certificate of the run's authority, for who asked, as it was invited. */
  async checkAnswer(invitationId: string, answer: AnswerEnrolment, nowMs: number): Promise<void> {
    const { invitations, create, members } = this.known;
    const invitation = invitations.get(invitationId);
    if (invitation?.asked === undefined) throw new Problem('not-found', 'nobody asked under that invitation');
    if (answer.kind === 'refused') return;
    const refuse = (what: string): never => {
      throw new Problem('refused', `the certificate ${what}`);
    };
    const certificate = decodeCertificate(bytesOfHex(answer.certificate));
    const trust = {
      authority: bytesOfHex(create.authority),
      projectId: create.projectId,
      nowMs,
      revocations: this.revocations(),
    };
    await verifyCertificate(this.#primitives, trust, certificate, invitation.role);
    if (certificate.memberId !== invitation.member)
      refuse(`is of ${certificate.memberId}, invited was ${invitation.member}`);
    if (hexOf(certificate.publicKey) !== invitation.asked.publicKey)
      refuse('is of another key than the one that asked');
    const other = [...members].find(
      ([key, { name }]) => name === certificate.memberId && key !== invitation.asked?.publicKey,
    );
    if (other !== undefined) refuse(`is of ${certificate.memberId}, whom another key is certified as`);
  }

  /** As the newest list has them. */
  revocations(): Revocations {
    const { create, revocations } = this.known;
    if (revocations === undefined) return noRevocations(create.projectId);
    const { sequence, issuedAtMs } = decodeRevocationList(bytesOfHex(revocations.list));
    return { projectId: create.projectId, sequence, issuedAtMs, revoked: revocations.revoked };
  }

  /** Throws unless a list follows the newest one, signed by the run's authority. */
  async checkRevocations(list: string, nowMs: number): Promise<void> {
    const trust = {
      authority: bytesOfHex(this.known.create.authority),
      nowMs,
      maximumAgeMs: LIST_AGE_MS,
      before: this.revocations(),
    };
    await verifyRevocations(this.#primitives, trust, decodeRevocationList(bytesOfHex(list)));
  }

  async #read(): Promise<void> {
    const before = this.#next;
    for await (const { line, sequence } of this.#store.read(this.#log, this.#next)) {
      this.#state = officeFold(this.#primitives, this.#state, readJsonText(officeEvent, line));
      this.#next = sequence + 1;
    }
    if (this.#next > before) for (const listener of this.#listeners) listener();
  }

  /** One thing after the other. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}
