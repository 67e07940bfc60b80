// What a simulation tells whoever watches: plain data, in the order in which it happens, from which a terminal view is drawn (a pure function
// of these) and a report is made. Nothing in it is a participant's but by name and by count.

export type Happening =
  | Began
  | RoundBegan
  | PhaseBegan
  | Answered
  | Trained
  | RoundReleased
  | RoundEndedWithout
  | FaultHappened
  | MemberIsOut
  | Ended;

export type HappeningKind = Happening['kind'];

export interface Began {
  readonly kind: 'began';
  readonly run: string;
  readonly planId: string;
  readonly seed: number;
  readonly protection: string;
  readonly schedule: string;
  /** Rounds that the plan and its budget allow. */
  readonly rounds: number;
  readonly participants: readonly { readonly name: string; readonly examples: number }[];
  readonly testExamples: number;
  /** The ε that may not be passed, and its δ; null where nothing is promised. */
  readonly budget: { readonly epsilonAtMost: number; readonly delta: number } | null;
}

export interface RoundBegan {
  readonly kind: 'round began';
  readonly round: number;
  readonly members: readonly string[];
  readonly virtualMs: number;
}

export interface PhaseBegan {
  readonly kind: 'phase began';
  readonly round: number;
  readonly phase: string;
}

/** A message of a member was taken in the phase under way. */
export interface Answered {
  readonly kind: 'answered';
  readonly round: number;
  readonly member: string;
}

export interface Trained {
  readonly kind: 'trained';
  readonly round: number;
  readonly member: string;
  readonly seconds: number;
}

/** What was measured of one round; seconds of computing, not of virtual time. */
export interface RoundCost {
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly seconds: {
    readonly training: number;
    /** Participants: everything about the sum that is not training. */
    readonly protecting: number;
    readonly server: number;
    readonly evaluating: number;
  };
  /** From its opening to its end, by the simulated clock. */
  readonly virtualSeconds: number;
}

export interface RoundReleased extends RoundCost {
  readonly kind: 'round released';
  readonly round: number;
  readonly version: number;
  readonly contributors: number;
  /** Of the test examples; null where the server has no model, and none was tried. */
  readonly accuracy: number | null;
  readonly loss: number | null;
  /** Spent so far, never below the true one; null where nothing is promised. */
  readonly epsilon: number | null;
}

export interface RoundEndedWithout extends RoundCost {
  readonly kind: 'round failed';
  readonly round: number;
  readonly code: string;
  readonly reason: string;
}

export interface FaultHappened {
  readonly kind: 'fault';
  readonly virtualMs: number;
  readonly text: string;
}

/** A member let a round pass, or left. */
export interface MemberIsOut {
  readonly kind: 'member is out';
  readonly member: string;
  readonly reason: string;
}

export interface Ended {
  readonly kind: 'ended';
  readonly why: string;
  readonly text: string;
}
