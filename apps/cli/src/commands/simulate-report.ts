// What a simulation came to, as one JSON value: every round, what it cost, and whether the records of it hold.
import { verifyLedger } from '@sumus/federation/ledger';
import type { CheckedPlan } from '@sumus/federation/plan';
import { nodePrimitives } from '@sumus/platform/node';
import type { RoundCost, Simulated } from '@sumus/simulation/federation';
import type { Federation } from './simulate-options.ts';

export interface RoundInReport extends RoundCost {
  readonly round: number;
  readonly outcome: 'released' | 'failed';
  /** Why it failed; null where it did not. */
  readonly reason: string | null;
  readonly contributors: number;
  readonly accuracy: number | null;
  readonly loss: number | null;
  readonly epsilon: number | null;
}

export interface SimulationReport {
  readonly simulated: true;
  readonly warning: string;
  readonly plan: string;
  readonly seed: number;
  readonly participants: number;
  readonly schedule: string;
  readonly protection: string;
  readonly openedTo: string;
  readonly rounds: readonly RoundInReport[];
  readonly end: { readonly why: string; readonly text: string } | null;
  readonly accuracy: number | null;
  readonly loss: number | null;
  readonly epsilon: number | null;
  readonly delta: number | null;
  readonly bytes: { readonly up: number; readonly down: number; readonly upEach: number; readonly downEach: number };
  readonly seconds: RoundCost['seconds'] & { readonly all: number };
  readonly virtualSeconds: number;
  readonly receipts: number;
  readonly ledgers: { readonly all: number; readonly intact: number };
  /** That the run ended by itself, every ledger holds, and something was published. */
  readonly isWhole: boolean;
}

export interface ReportOptions {
  readonly seconds: number;
  readonly federation: Federation;
  readonly plan: CheckedPlan;
}

export async function reportOf(
  { enrolment, server, members, teller, virtualMs }: Simulated,
  { seconds, federation, plan }: ReportOptions,
): Promise<SimulationReport> {
  const rounds = teller.rounds.map((one): RoundInReport => {
    const { bytesUp, bytesDown, virtualSeconds, round } = one;
    const cost = { round, bytesUp, bytesDown, virtualSeconds, seconds: one.seconds };
    if (one.kind === 'round failed') {
      const nothing = { contributors: 0, accuracy: null, loss: null, epsilon: null };
      return { ...cost, ...nothing, outcome: 'failed', reason: one.reason };
    }
    const { contributors, accuracy, loss, epsilon } = one;
    return { ...cost, contributors, accuracy, loss, epsilon, outcome: 'released', reason: null };
  });
  const sum = (of: (round: RoundInReport) => number): number => rounds.reduce((all, round) => all + of(round), 0);
  const last = <V>(of: (round: RoundInReport) => V | null): V | null =>
    rounds.map(of).findLast((value) => value !== null) ?? null;
  const [up, down] = [sum(({ bytesUp }) => bytesUp), sum(({ bytesDown }) => bytesDown)];
  const each = (bytes: number): number => Math.round(bytes / Math.max(1, rounds.length * federation.participants));
  const ledgers = [server.coordinator?.state.ledger, ...members.map(({ state }) => state?.ledger)].filter(
    (ledger) => ledger !== undefined,
  );
  let intact = 0;
  for (const { owner, records } of ledgers) {
    if ((await verifyLedger(nodePrimitives(), owner, records)).kind === 'intact') intact += 1;
  }
  const receipts = ledgers.reduce(
    (all, { records }) => all + records.filter(({ content }) => content.kind === 'receipt kept').length,
    0,
  );
  const { ended } = teller;
  return {
    simulated: true,
    warning: 'the seed reaches keys, noise and batches, which in a run it never does',
    plan: enrolment.plan.id,
    seed: federation.seed,
    participants: federation.participants,
    schedule: plan.exchange.schedule,
    protection: plan.protection.kind,
    openedTo: plan.openedTo,
    rounds,
    end: ended === undefined ? null : { why: ended.why, text: ended.text },
    accuracy: last((round) => round.accuracy),
    loss: last((round) => round.loss),
    epsilon: last((round) => round.epsilon),
    delta: plan.privacy.kind === 'none' ? null : plan.privacy.delta,
    bytes: { up, down, upEach: each(up), downEach: each(down) },
    seconds: {
      all: seconds,
      training: sum((round) => round.seconds.training),
      protecting: sum((round) => round.seconds.protecting),
      server: sum((round) => round.seconds.server),
      evaluating: sum((round) => round.seconds.evaluating),
    },
    virtualSeconds: virtualMs / 1000,
    receipts,
    ledgers: { all: ledgers.length, intact },
    isWhole: ended !== undefined && intact === ledgers.length && rounds.some(({ outcome }) => outcome === 'released'),
  };
}
