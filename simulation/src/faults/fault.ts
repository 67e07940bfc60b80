// What goes wrong, as data: the network's faults name a message by its link and number, a crash names a step of somebody's and how much of
// what it asked for was carried out. No fault is random when it happens; draw.ts draws a whole schedule from a seed beforehand.

/** The server, or a participant by its number from 0. */
export type Place = 'server' | number;

export type Fault = MessageFault | Crash | Departure | Lie;

/** To the `nth` message (from 0) that goes from one place to another. */
export interface MessageFault {
  readonly kind: 'message';
  readonly from: Place;
  readonly to: Place;
  readonly nth: number;
  readonly what: MessageTrouble;
}

export type MessageTrouble =
  | { readonly kind: 'lost' }
  /** Late enough and it arrives after others, or after the phase: reordering is lateness. */
  | { readonly kind: 'late'; readonly byMs: number }
  | { readonly kind: 'twice'; readonly againAfterMs: number }
  /** Only this share of the bytes, in [0, 1), arrives. */
  | { readonly kind: 'cut'; readonly share: number }
  /** One bit is turned: which, as a share of all bits in [0, 1). */
  | { readonly kind: 'bent'; readonly at: number };

/**
 * In its `step`th step (from 0), when the first `outputs` things that the step asked for were carried out, the machine stops. What it had
 * on disk stays; it is there again after a while.
 */
export interface Crash {
  readonly kind: 'crash';
  readonly who: Place;
  readonly step: number;
  readonly outputs: number;
  readonly downMs: number;
  /** The server alone: so many events at the end of its log are not there afterwards, as after an old backup, or as a liar has it. */
  readonly forgets?: number;
}

/** A participant goes for good before its `step`th step. */
export interface Departure {
  readonly kind: 'departure';
  readonly who: number;
  readonly step: number;
}

/** Instead of what it was to send in the `nth` message on a link, somebody sends something else. */
export interface Lie {
  readonly kind: 'lie';
  readonly who: Place;
  readonly to: Place;
  readonly nth: number;
  readonly what: /** Its own message before, signed and all. */
    | 'what it sent before'
    /** What another participant sent: seen on the way. */
    | 'what another sent'
    /** Nobody's message: random bytes. */
    | 'noise';
}

/** One schedule, and the seed that it and everything else of the run follow from. */
export interface FaultSchedule {
  readonly seed: number;
  readonly faults: readonly Fault[];
}

const nameOf = (place: Place): string => (place === 'server' ? 'the server' : `participant ${place}`);

/** For people: what goes wrong. */
export function faultText(fault: Fault): string {
  switch (fault.kind) {
    case 'message': {
      const { from, to, nth, what } = fault;
      return `message ${nth} from ${nameOf(from)} to ${nameOf(to)} ${troubleText(what)}`;
    }
    case 'crash': {
      const { who, step, outputs, downMs, forgets = 0 } = fault;
      const lost = forgets === 0 ? '' : `, and forgets ${forgets} events`;
      return `${nameOf(who)} crashes in step ${step} after ${outputs} outputs, for ${downMs} ms${lost}`;
    }
    case 'departure':
      return `${nameOf(fault.who)} leaves before step ${fault.step}`;
    case 'lie':
      return `${nameOf(fault.who)} sends ${nameOf(fault.to)} ${fault.what} for message ${fault.nth}`;
    default:
      return fault satisfies never;
  }
}

function troubleText(what: MessageTrouble): string {
  switch (what.kind) {
    case 'lost':
      return 'is lost';
    case 'late':
      return `is ${what.byMs} ms late`;
    case 'twice':
      return `comes again after ${what.againAfterMs} ms`;
    case 'cut':
      return `is cut to ${Math.round(100 * what.share)} %`;
    case 'bent':
      return `has a bit turned at ${Math.round(100 * what.at)} %`;
    default:
      return what satisfies never;
  }
}
