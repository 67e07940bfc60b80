// Evidence of a run: the twenty-one artefacts and what is wrong with the log they come from, as plain data. Pure: nothing is read here, and
// the clock is handed in. There is none of a log that does not even begin with the creation of a run.

import { ParameterError } from '@sumus/federation/errors';
import type { LogFinding } from '../log/index.ts';
import { type Artefact, type Status, statusOf } from './artefact.ts';
import { ARTEFACTS } from './artefacts.ts';
import { Exhibit } from './fact.ts';
import { ASKED_FOR } from './frameworks.ts';
import { type EvidenceInput, type Software, subjectOf } from './subject.ts';

export interface Evidence {
  readonly format: 'sumus/evidence/1';
  readonly run: string;
  readonly project: string;
  /** The plan's name, purpose and identity. */
  readonly plan: { readonly name: string; readonly purpose: string; readonly id: string; readonly signedBy: string };
  readonly coordinator: string;
  readonly madeAtMs: number;
  readonly software: Software;
  /** How the run stands: 'ended: all rounds done', 'in a round'. */
  readonly phase: string;
  readonly log: {
    readonly isIntact: boolean;
    readonly events: number;
    readonly head: string;
    readonly findings: readonly LogFinding[];
  };
  readonly counts: Readonly<Record<Status, number>>;
  readonly artefacts: readonly Artefact[];
}

export function evidenceOf(input: EvidenceInput): Evidence {
  const { examined, software, madeAtMs } = input;
  const { state, findings, digest } = examined;
  if (state === undefined) throw new ParameterError('there is no evidence of this log: it does not begin with a run');
  const subject = subjectOf(input, state);
  const isIntact = findings.length === 0;
  const artefacts = ARTEFACTS.map(({ title, make }, at): Artefact => {
    const exhibit = new Exhibit();
    make(subject, exhibit);
    const { facts, tables, notShown } = exhibit;
    const askedForBy = ASKED_FOR[at + 1];
    if (askedForBy === undefined) throw new RangeError(`artefact ${at + 1} is asked for by nobody`);
    return { number: at + 1, title, status: statusOf(exhibit, isIntact), askedForBy, facts, tables, notShown };
  });
  const counts = { shown: 0, 'shown in part': 0, stated: 0, 'not shown': 0, 'in doubt': 0, contradicted: 0 };
  for (const { status } of artefacts) counts[status] += 1;
  const { plan } = state.plan;
  return {
    format: 'sumus/evidence/1',
    run: state.runId,
    project: state.projectId,
    plan: { name: plan.name, purpose: plan.purpose, id: state.plan.id, signedBy: state.plan.signedBy },
    coordinator: state.coordinator,
    madeAtMs,
    software,
    phase: state.phase.kind === 'ended' ? `ended: ${state.phase.why}` : state.phase.kind,
    log: { isIntact, events: digest.size, head: digest.head, findings },
    counts,
    artefacts,
  };
}
