// A run's log as columns: what the dashboard asks of half a million events without holding one of them. It reads line by line, refuses a line
// that is no event or does not follow, by its number, and answers with the run as a whole (summary) and at any moment (scene). Pure: no
// clock, no network; the text of a line is found again by its offset.
import type { RunEvent } from '@sumus/federation/run';
import { DOING, KIND, SEALED_FRAME, stepOf, steps } from './codes.ts';
import { Column, lastAtMost } from './columns.ts';
import { type FrameLine, readLine } from './event-line.ts';
import type { Line } from './lines.ts';
import { codeOfPhase, Stage } from './stage.ts';
import type { Evidence, RoundRow, RunSummary, Scene } from './summary.ts';

/** A line that is no event of this log: everything before it stands. */
export class LogDamage extends Error {
  readonly code = 'log-damage';
  /** From 1. */
  readonly line: number;

  constructor(line: number, why: string, options?: ErrorOptions) {
    super(`line ${line}: ${why}`, options);
    this.name = 'LogDamage';
    this.line = line;
  }
}

type Created = Extract<RunEvent, { kind: 'run created' }>;
type Growing<T> = { -readonly [K in keyof T]: T[K] };
interface GrowingRow extends Omit<Growing<RoundRow>, 'bytes'> {
  bytes: number[];
}

const NOBODY = 2 ** 16 - 1;
const SHOWN_AT_MOST = 100;
/** Of stages at the beginnings of rounds, so that a log of many members and many rounds does not fill the page's memory. */
const COPIED_BYTES_AT_MOST = 2 ** 26;
const nobody: Uint16Array = new Uint16Array(0);

export class History {
  readonly #kinds = new Column((length) => new Uint8Array(length));
  readonly #phases = new Column((length) => new Uint8Array(length));
  readonly #members = new Column((length) => new Uint16Array(length));
  readonly #times = new Column((length) => new Float64Array(length));
  readonly #offsets = new Column((length) => new Float64Array(length));
  #endOffset = 0;
  /** The members that an event lists, by the event's index. */
  readonly #listed = new Map<number, Uint16Array>();
  /** The stage before the first event of every round, by the events before it. */
  #copies: { readonly position: number; readonly stage: Stage }[] = [];
  #copiedBytes = 0;
  /** A copy for every so many rounds: fewer where members × rounds would fill a computer. */
  #roundsACopy = 1;
  readonly #stage = new Stage(0);
  readonly #names: string[] = [];
  readonly #indexes = new Map<string, number>();
  readonly #certificates: string[] = [];
  readonly #next: number[] = [];
  readonly #bytesOf: number[] = [];
  readonly #contributed: number[] = [];
  readonly #missed: number[] = [];
  readonly #rounds: GrowingRow[] = [];
  readonly #evidence: Evidence[] = [];
  readonly #declines: RunSummary['declines'][number][] = [];
  readonly #recordsAt: number[] = [];
  #created: Created | undefined;
  #end: RunSummary['end'] = null;
  #releases = 0;
  #failures = 0;
  #ignored = 0;

  get length(): number {
    return this.#kinds.length;
  }

  /** Throws LogDamage. */
  add(line: Line): void {
    const number = this.length + 1;
    let read: ReturnType<typeof readLine>;
    try {
      read = readLine(line.text);
    } catch (cause) {
      throw new LogDamage(number, cause instanceof Error ? cause.message : String(cause), { cause });
    }
    if (this.#created === undefined && !(read.kind === 'event' && read.event.kind === 'run created')) {
      throw new LogDamage(number, 'a log begins with the run that was created');
    }
    if (this.#end !== null) throw new LogDamage(number, 'the run had ended');
    const refuse = (why: string): never => {
      throw new LogDamage(number, why);
    };
    if (read.kind === 'frame') this.#frame(read, refuse);
    else this.#event(read.event, refuse);
    this.#offsets.push(line.offset);
    this.#endOffset = line.offset + line.length;
  }

  #frame({ member, number, round, version, atMs, bytes, sha256, phase }: FrameLine, refuse: Refuse): void {
    const index = this.#said(member, number, refuse);
    const row = this.#openRound(round, refuse);
    row.frames += 1;
    const step = stepOf(this.#stage.phase);
    const at = step === undefined ? -1 : steps.indexOf(step);
    if (at >= 0) row.bytes[at] = (row.bytes[at] ?? 0) + bytes;
    this.#bytesOf[index] = (this.#bytesOf[index] ?? 0) + bytes;
    const isSealed = version !== undefined;
    if (isSealed && row.sealed === null) row.sealed = { member: this.#names[index] ?? '', frame: { sha256, bytes } };
    this.#push(isSealed ? SEALED_FRAME : KIND['frame taken'], index, atMs, codeOfPhase(phase), nobody);
  }

  #event(event: RunEvent, refuse: Refuse): void {
    const cause = 'cause' in event ? event.cause : null;
    let index = NOBODY;
    if (event.kind === 'member joined') index = this.#join(event.cause.member, event.certificate, refuse);
    if (cause !== null) index = this.#said(cause.member, cause.number, refuse);
    else if ('member' in event) index = this.#indexes.get(event.member) ?? refuse(`${event.member} never joined`);
    if ('record' in event) {
      if (event.record.index !== this.#recordsAt.length) refuse('its ledger record is out of order');
      this.#recordsAt.push(this.length);
    }
    const listed = this.#follow(event, refuse);
    this.#push(KIND[event.kind], index, event.atMs, this.#phaseAfter(event), listed);
  }

  /** What an event changes but who does what; answers with the members that it lists. */
  #follow(event: RunEvent, refuse: Refuse): Uint16Array {
    switch (event.kind) {
      case 'run created':
        if (this.#created !== undefined) refuse('the run was created before');
        this.#created = event;
        return nobody;
      case 'run started':
        return this.#indexesOf(event.members, refuse);
      case 'round opened': {
        if (event.round !== this.#rounds.length) refuse(`round ${event.round} is out of order`);
        if (this.#rounds.at(-1)?.outcome === 'open') refuse('the round before is still open');
        this.#copyStage(event.round);
        this.#rounds.push({
          ...openedRow,
          round: event.round,
          version: event.version,
          openedAtMs: event.atMs,
          members: event.members.length,
          bytes: steps.map(() => 0),
          from: this.length,
          to: this.length,
          supportHash: event.supportHash,
        });
        return this.#indexesOf(event.members, refuse);
      }
      case 'plan declined':
        if (this.#declines.length < SHOWN_AT_MOST) {
          this.#declines.push({ member: event.cause.member, reasons: event.reasons.map(({ text }) => text) });
        }
        return nobody;
      case 'message ignored':
        this.#ignored += 1;
        return nobody;
      case 'cohort opened':
        this.#openRound(event.round, refuse);
        return this.#indexesOf(event.contributors, refuse);
      case 'released': {
        const row = this.#openRound(event.round, refuse);
        if (event.contributions.length !== event.contributors.length) refuse('contributors without contributions');
        const listed = this.#indexesOf(event.contributors, refuse);
        const isIn = new Set(listed);
        for (const one of this.#listed.get(row.from) ?? nobody) {
          const counts = isIn.has(one) ? this.#contributed : this.#missed;
          counts[one] = (counts[one] ?? 0) + 1;
        }
        const { sum, model, modelHash, metrics, atMs } = event;
        Object.assign(row, { outcome: 'released', endedAtMs: atMs, sum, model, modelHash, metrics });
        row.contributors = listed.length;
        row.to = this.length + 1;
        this.#releases += 1;
        return listed;
      }
      case 'round failed': {
        const row = this.#openRound(event.round, refuse);
        const { code, reason, atMs } = event;
        Object.assign(row, { outcome: 'failed', endedAtMs: atMs, failure: { code, reason } });
        row.to = this.length + 1;
        this.#failures += 1;
        return this.#indexesOf(event.members, refuse);
      }
      case 'evidence found': {
        const { atMs, round, code, reason, accused } = event;
        if (this.#evidence.length < SHOWN_AT_MOST) this.#evidence.push({ atMs, round, code, reason, accused });
        return nobody;
      }
      case 'run ended':
        this.#end = { why: event.why, text: event.text };
        return nobody;
      default:
        return nobody;
    }
  }

  #phaseAfter(event: RunEvent): number {
    switch (event.kind) {
      case 'run started':
        return codeOfPhase('drawing');
      case 'order drawn':
      case 'released':
      case 'round failed':
        return codeOfPhase('between rounds');
      case 'round opened':
        return codeOfPhase(event.phase);
      case 'phase closed':
      case 'cohort opened':
        return codeOfPhase(event.next);
      case 'run ended':
        return codeOfPhase('ended');
      default:
        return codeOfPhase(this.#stage.phase);
    }
  }

  #copyStage(round: number): void {
    if (round % this.#roundsACopy !== 0) return;
    this.#copies.push({ position: this.length, stage: this.#stage.copy() });
    this.#copiedBytes += this.#stage.doing.length;
    if (this.#copiedBytes <= COPIED_BYTES_AT_MOST) return;
    this.#copies = this.#copies.filter((_, at) => at % 2 === 0);
    this.#copiedBytes = this.#copies.reduce((all, { stage }) => all + stage.doing.length, 0);
    this.#roundsACopy *= 2;
  }

  #push(kind: number, member: number, atMs: number, phase: number, listed: Uint16Array): void {
    if (listed.length > 0) this.#listed.set(this.length, listed);
    this.#stage.play({ kind, member, atMs, phase, listed });
    this.#kinds.push(kind);
    this.#members.push(member);
    this.#times.push(atMs);
    this.#phases.push(phase);
  }

  #join(member: string, certificate: string, refuse: Refuse): number {
    if (this.#indexes.has(member)) return refuse(`${member} joined before`);
    if (this.#names.length >= NOBODY) refuse('more members than a run can have');
    const index = this.#names.length;
    // A copy: a part of a text holds all of it.
    const name = [...member].join('');
    this.#names.push(name);
    this.#indexes.set(name, index);
    this.#certificates.push(certificate);
    for (const counts of [this.#next, this.#bytesOf, this.#contributed, this.#missed]) counts.push(0);
    return index;
  }

  #said(member: string, number: number, refuse: Refuse): number {
    const index = this.#indexes.get(member) ?? refuse(`${member} never joined`);
    if (this.#next[index] !== number) refuse(`message ${number} of ${member} is out of order`);
    this.#next[index] = number + 1;
    return index;
  }

  #openRound(round: number, refuse: Refuse): GrowingRow {
    const row = this.#rounds.at(-1);
    return row === undefined || row.outcome !== 'open' || row.round !== round
      ? refuse(`round ${round} is not open`)
      : row;
  }

  #indexesOf(names: readonly string[], refuse: Refuse): Uint16Array {
    return Uint16Array.from(names, (name) => this.#indexes.get(name) ?? refuse(`${name} never joined`));
  }

  /** The run as a whole; undefined before the first line. */
  summary(): RunSummary | undefined {
    const created = this.#created;
    if (created === undefined) return undefined;
    const doing = this.#stage.doing.subarray(0, this.#names.length);
    const count = (code: number): number => doing.reduce((all, one) => (one === code ? all + 1 : all), 0);
    return {
      runId: created.runId,
      projectId: created.projectId,
      plan: created.plan,
      coordinator: created.coordinator,
      createdAtMs: created.atMs,
      lastAtMs: this.#stage.atMs,
      events: this.length,
      phase: this.#stage.phase,
      members: [...this.#names],
      rounds: this.#rounds.map((row) => ({ ...row, to: row.outcome === 'open' ? this.length : row.to })),
      releases: this.#releases,
      failures: this.#failures,
      declined: count(DOING.declined),
      leftCount: count(DOING.left),
      ignored: this.#ignored,
      bytesOfMember: Float64Array.from(this.#bytesOf),
      contributedOf: Uint16Array.from(this.#contributed),
      missedOf: Uint16Array.from(this.#missed),
      evidence: [...this.#evidence],
      declines: [...this.#declines],
      end: this.#end,
    };
  }

  /** The run after so many events. */
  sceneAt(position: number): Scene {
    const end = Math.max(0, Math.min(Math.floor(position), this.length));
    // A round's copy is of the moment before its first event.
    const at = lastAtMost({ length: this.#copies.length, at: (i) => this.#copies[i]?.position ?? Number.NaN }, end);
    const copy = this.#copies[at];
    const stage = copy === undefined ? new Stage(0) : copy.stage.copy();
    for (let index = copy?.position ?? 0; index < end; index++) {
      stage.play({
        kind: this.#kinds.at(index),
        member: this.#members.at(index),
        atMs: this.#times.at(index),
        phase: this.#phases.at(index),
        listed: this.#listed.get(index) ?? nobody,
      });
    }
    const doing = new Uint8Array(this.#names.length);
    doing.set(stage.doing.subarray(0, doing.length));
    const { atMs, phase, sinceMs, round } = stage;
    return { position: end, atMs, phase, sinceMs, round, doing };
  }

  /** How many events had happened at a time. */
  positionAt(atMs: number): number {
    return lastAtMost(this.#times, atMs) + 1;
  }

  /** One event, as far as the columns have it. */
  eventAt(index: number): { readonly kind: number; readonly atMs: number; readonly member: string | null } {
    const member = this.#names[this.#members.at(index)] ?? null;
    return { kind: this.#kinds.at(index), atMs: this.#times.at(index), member };
  }

  /** Where the line of an event lies. */
  placeOf(index: number): { readonly offset: number; readonly length: number } | undefined {
    if (index < 0 || index >= this.length) return undefined;
    const offset = this.#offsets.at(index);
    const end = index + 1 < this.length ? this.#offsets.at(index + 1) - 1 : this.#endOffset;
    return { offset, length: end - offset };
  }

  /** The events that carry the ledger's records, in their order. */
  get recordsAt(): readonly number[] {
    return this.#recordsAt;
  }

  certificateOf(member: string): string | undefined {
    const index = this.#indexes.get(member);
    return index === undefined ? undefined : this.#certificates[index];
  }
}

type Refuse = (why: string) => never;

const openedRow: Omit<
  RoundRow,
  'round' | 'version' | 'openedAtMs' | 'members' | 'bytes' | 'from' | 'to' | 'supportHash'
> = {
  endedAtMs: null,
  outcome: 'open',
  contributors: 0,
  metrics: [],
  failure: null,
  frames: 0,
  sealed: null,
  sum: null,
  model: null,
  modelHash: null,
};
