// What the artefacts are made from, looked at once.

import { type Explanation, explain } from '@sumus/federation/explain';
import type { CheckedPlan, SignedPlan } from '@sumus/federation/plan';
import type { RunEvent, RunEventKind, RunState } from '@sumus/federation/run';
import type { ExaminedLog } from '../log/index.ts';
import type { AttackReport } from './attack-reports.ts';
import type { BenchReportRead } from './bench-reports.ts';
import type { Exhibit } from './fact.ts';
import type { StatementName, Statements } from './statements.ts';
import type { TestReport } from './tests.ts';

export interface Software {
  readonly name: string;
  readonly version: string;
  /** Of its source; null where it is not known. */
  readonly commit: string | null;
  readonly runtime: string | null;
}

export interface EvidenceInput {
  readonly examined: ExaminedLog;
  readonly software: Software;
  readonly madeAtMs: number;
  readonly statements?: Statements | undefined;
  readonly tests?: TestReport | undefined;
  readonly benches?: readonly BenchReportRead[] | undefined;
  readonly attacks?: readonly AttackReport[] | undefined;
}

export interface Subject {
  readonly examined: ExaminedLog;
  readonly state: RunState;
  readonly signed: SignedPlan;
  readonly plan: CheckedPlan;
  readonly explanation: Explanation;
  readonly software: Software;
  readonly madeAtMs: number;
  readonly statements: Statements | undefined;
  readonly tests: TestReport | undefined;
  readonly benches: readonly BenchReportRead[];
  readonly attacks: readonly AttackReport[];
}

export type Making = (subject: Subject, exhibit: Exhibit) => void;

export function subjectOf(input: EvidenceInput, state: RunState): Subject {
  const { examined, software, madeAtMs, statements, tests, benches = [], attacks = [] } = input;
  const { plan: signed } = state;
  const { plan } = signed;
  return {
    examined,
    state,
    signed,
    plan,
    explanation: explain(plan),
    software,
    madeAtMs,
    statements,
    tests,
    benches,
    attacks,
  };
}

export type EventOf<Kind extends RunEventKind> = Extract<RunEvent, { kind: Kind }>;

/** Of one kind, with their places in the log. */
export function eventsOf<Kind extends RunEventKind>(
  { examined }: Subject,
  kind: Kind,
): readonly { readonly at: number; readonly event: EventOf<Kind> }[] {
  return examined.events.flatMap((event, at) => (isOf(event, kind) ? [{ at, event }] : []));
}

const isOf = <Kind extends RunEventKind>(event: RunEvent, kind: Kind): event is EventOf<Kind> => event.kind === kind;

/** What was stated of these; `needed`: what is not shown where nothing was. */
export function exhibitStatement({ statements }: Subject, exhibit: Exhibit, name: StatementName, needed: string): void {
  const said = statements?.said.get(name) ?? [];
  for (const text of said) exhibit.fact(text, { from: 'statement', where: `${statements?.by}: ${name}` });
  if (said.length === 0) exhibit.missing(`${needed} (state it as "${name}" with --statements)`);
}
