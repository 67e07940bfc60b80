// A participant's own file: what it allows, whatever a plan says. It lies with the participant and is read there; no plan, message or
// server can change it, and where a plan asks for less than the file demands, the file's number holds (limits.ts). The schema holds the
// members to their ranges; judge.ts holds a plan against it.

import type { Contributors, Metric, Plan, Promised, Protection } from '../plan/plan.ts';

export interface Policy {
  readonly format: 'sumus/policy/1';
  /** Whose plans are looked at: Ed25519 keys, hexadecimal. */
  readonly plansSignedBy: readonly string[];
  /** Whose invitations count; 'anybody' takes the risk that one party is many. */
  readonly admission: Contributors['admission']['kind'] | 'any';
  readonly minimumContributors: number;
  /** γ: the share of participants that may work for the server. */
  readonly corruptFraction: number;
  /** People (or rows) that a contribution has to stand for. */
  readonly minimumUnits: number;
  readonly countedIn: 'people' | 'rows';
  /** `none` only where it is written here. */
  readonly protections: readonly Protection['kind'][];
  readonly openedTo: readonly Plan['openedTo'][];
  /** Whether a release may show this participant's update alone. */
  readonly releasePerTurn: boolean;
  /** One for each data set and unit; a run is charged to the one of its unit. A data set that is not here may not be used. */
  readonly budgets: readonly DataBudget[];
  readonly architectures: {
    readonly parametersAtMost: number;
    /** Kinds of layers; null allows every kind. */
    readonly layers: readonly string[] | null;
  };
  readonly metrics: readonly MetricLimit[];
  /** Whether statistics of columns may be summed in a run that promises nothing; left out: they may not. */
  readonly columnSumsWithoutNoise?: boolean;
  /** When rounds may be entered, by the participant's own clock; null: always. */
  readonly hours: Hours | null;
  readonly bytes: {
    readonly upPerRoundAtMost: number;
    readonly downPerRoundAtMost: number;
    readonly upAtMost: number;
  };
  readonly roundsPerDayAtMost: number;
}

/** The most that all runs together may cost the units of one data set. */
export interface DataBudget {
  readonly dataset: string;
  readonly unit: Promised['unit'];
  /** Null: runs without differential privacy are allowed on this data set. */
  readonly epsilonAtMost: number | null;
  readonly delta: number;
}

export interface MetricLimit {
  readonly name: Metric['name'];
  /** No finer than this. */
  readonly resolution: number;
  readonly minimumUnits: number;
}

/** From one time of day to another, over midnight too: minutes since midnight, at an offset from UTC. */
export interface Hours {
  readonly fromMinute: number;
  readonly toMinute: number;
  readonly utcOffsetMinutes: number;
}

/** Cautious: nobody's plans, no data set, protection always. What is allowed is written in by whoever owns the data. */
export const CAUTIOUS_POLICY: Policy = Object.freeze({
  format: 'sumus/policy/1',
  plansSignedBy: Object.freeze([]),
  admission: 'invitation',
  minimumContributors: 5,
  corruptFraction: 1 / 3,
  minimumUnits: 100,
  countedIn: 'people',
  protections: Object.freeze(['mask', 'one-shot'] as const),
  openedTo: Object.freeze(['everyone', 'participants'] as const),
  releasePerTurn: false,
  budgets: Object.freeze([]),
  architectures: Object.freeze({ parametersAtMost: 10_000_000, layers: null }),
  metrics: Object.freeze([]),
  hours: null,
  bytes: Object.freeze({ upPerRoundAtMost: 2 ** 28, downPerRoundAtMost: 2 ** 28, upAtMost: 2 ** 36 }),
  roundsPerDayAtMost: 1000,
} as const);
