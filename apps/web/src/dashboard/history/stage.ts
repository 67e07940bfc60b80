// Who is doing what, event by event: the part of a run that moves. The history plays every event on it once while it reads a log, keeps a copy
// at the beginning of each round, and plays from the copy again when somebody looks at an earlier moment. It follows
// packages/federation/src/run/fold.ts, and history.test.ts holds it to that.
import { DOING, KIND, type Phase, phaseCode, phases, SEALED_FRAME, stepOf } from './codes.ts';

/** An event as the columns have it. */
export interface StageEvent {
  /** Of codes.ts. */
  readonly kind: number;
  /** Index of the member that it is about; any number where it is about none. */
  readonly member: number;
  readonly atMs: number;
  /** Where the run is after it, of codes.ts. */
  readonly phase: number;
  /** Indexes of the members that it lists. */
  readonly listed: Uint16Array;
}

const {
  away,
  offered,
  accepted,
  declined,
  left,
  drawing,
  awaited,
  answered,
  sealed,
  opening,
  published,
  lost,
  satOut,
} = DOING;

const inRound: ReadonlySet<number> = new Set([awaited, answered, sealed, opening]);
const ofRound: ReadonlySet<number> = new Set([awaited, answered, sealed, opening, published, lost, satOut, drawing]);

export class Stage {
  doing: Uint8Array;
  phase: Phase = 'joining';
  round = -1;
  atMs = 0;
  /** When the phase under way began. */
  sinceMs = 0;

  constructor(members: number) {
    this.doing = new Uint8Array(members);
  }

  copy(): Stage {
    const copy = new Stage(0);
    copy.doing = this.doing.slice();
    copy.phase = this.phase;
    copy.round = this.round;
    copy.atMs = this.atMs;
    copy.sinceMs = this.sinceMs;
    return copy;
  }

  play(event: StageEvent): void {
    this.atMs = event.atMs;
    this.#act(event);
    const next = phases[event.phase];
    if (next !== undefined && next !== this.phase) this.#enter(next, event.atMs);
  }

  #act({ kind, member, listed, atMs }: StageEvent): void {
    switch (kind) {
      case KIND['member joined']:
        this.#become(member, offered);
        return;
      case KIND['plan accepted by member']:
        this.#become(member, accepted);
        return;
      case KIND['plan declined']:
        this.#become(member, declined);
        return;
      case KIND['member left']:
        this.#become(member, left);
        return;
      case KIND['run started']:
        this.#rest();
        for (const one of listed) this.#become(one, drawing);
        return;
      case KIND['order drawn']:
        this.#rest();
        return;
      case KIND['round opened']:
        this.#rest();
        this.round += 1;
        this.sinceMs = atMs;
        for (const one of listed) if (this.doing[one] !== left) this.#become(one, awaited);
        return;
      case SEALED_FRAME:
        this.#become(member, sealed);
        return;
      case KIND['frame taken']: {
        const step = stepOf(this.phase);
        if (step === 'opening') this.#become(member, opening);
        else if (step === 'keys' && this.doing[member] === awaited) this.#become(member, answered);
        return;
      }
      case KIND['member sat out']:
        if (inRound.has(this.doing[member] ?? away)) this.#become(member, satOut);
        return;
      case KIND['turn passed']:
        if (inRound.has(this.doing[member] ?? away)) this.#become(member, lost);
        return;
      case KIND['phase closed']:
        // Who said nothing when a sum began has no part in it.
        if (this.phase === 'gathering') this.#all(awaited, lost);
        return;
      case KIND['cohort opened']:
        for (const one of listed) this.#become(one, published);
        return;
      case KIND.released:
        for (const one of listed) this.#become(one, published);
        for (const code of inRound) this.#all(code, lost);
        return;
      case KIND['round failed']:
        for (const code of inRound) this.#all(code, accepted);
        for (const one of listed) if (this.doing[one] !== left) this.#become(one, lost);
        return;
      default:
    }
  }

  #enter(next: Phase, atMs: number): void {
    const before = this.phase;
    this.phase = next;
    this.sinceMs = atMs;
    if (stepOf(next) === 'keys' || next === 'contributing') this.#all(answered, awaited);
    // What was not sealed in time is not in this sum.
    if (before === 'contributing' && next !== 'between rounds') {
      this.#all(awaited, lost);
      this.#all(answered, lost);
    }
  }

  #rest(): void {
    for (const code of ofRound) this.#all(code, accepted);
  }

  #become(member: number, code: number): void {
    if (member >= this.doing.length) {
      const longer = new Uint8Array(Math.max(64, 2 * this.doing.length, member + 1));
      longer.set(this.doing);
      this.doing = longer;
    }
    this.doing[member] = code;
  }

  #all(from: number, to: number): void {
    const { doing } = this;
    for (let member = 0; member < doing.length; member++) if (doing[member] === from) doing[member] = to;
  }
}

export const codeOfPhase = (phase: string): number => phaseCode.get(phase) ?? phases.length;
