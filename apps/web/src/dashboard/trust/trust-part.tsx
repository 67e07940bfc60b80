// Who can learn what, who signed what, and what can be checked here: the ledger's chain, and that a contribution is in a sum.
import type { Explanation } from '@sumus/federation/explain';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { dashboard } from '../../words/english/dashboard.ts';
import { fingerprint, time } from '../figures.ts';
import type { Verified } from '../history/worker-messages.ts';
import { Part } from '../part.tsx';
import { askAccountant } from '../privacy/accountant.ts';
import { log, summary } from '../run-on-show.ts';
import { InclusionProof } from './inclusion-proof.tsx';

const words = dashboard.trust;

export function TrustPart(): JSX.Element | null {
  const run = summary.value;
  const [said, setSaid] = useState<Explanation | null>(null);
  useEffect(() => {
    if (run === null) return;
    askAccountant<'explain'>({ kind: 'explain', plan: run.plan.plan }).then(setSaid, () => setSaid(null));
  }, [run?.plan.id]);
  if (run === null) return null;
  const { admission, minimum } = run.plan.plan.contributors;
  return (
    <Part name="trust" title={words.title} lead={words.lead}>
      <div class="columns">
        <Sentences title={words.server} sentences={said?.server} />
        <Sentences title={words.participants} sentences={said?.participants} />
        <Sentences title={words.collusion} sentences={said?.collusion} />
        <Sentences title={words.warnings} sentences={said?.warnings} />
      </div>
      <h3>{words.keys}</h3>
      <dl class="facts keys">
        <Key name={words.planId} hex={run.plan.id} />
        <Key name={words.owner} hex={run.plan.signedBy} />
        <Key name={words.coordinator} hex={run.coordinator} />
        {admission.kind === 'invitation' && <Key name={words.authority} hex={admission.authority} />}
      </dl>
      {admission.kind === 'open' && <p class="note alarm">{words.open}</p>}
      <p>{words.policies(minimum, run.declined)}</p>
      {run.declines.map(({ member, reasons }) => (
        <p key={member} class="small">
          <strong>{member}</strong>: {reasons.join(' ')}
        </p>
      ))}
      {run.evidence.map(({ atMs, code, reason, accused }) => (
        <p key={`${atMs} ${code}`} class="note alarm">
          <strong>{words.evidence(accused.join(', '))}</strong> {reason} <span class="soft">{time(atMs)}</span>
        </p>
      ))}
      <Ledger key={run.runId} />
      <InclusionProof />
    </Part>
  );
}

function Sentences(props: { readonly title: string; readonly sentences: readonly string[] | undefined }): JSX.Element {
  return (
    <div class="stack tight">
      <h3>{props.title}</h3>
      <ul class="plain">
        {props.sentences?.map((sentence) => <li key={sentence}>{sentence}</li>) ?? <li class="soft">…</li>}
      </ul>
    </div>
  );
}

function Key({ name, hex }: { readonly name: string; readonly hex: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="code" title={hex}>
        {fingerprint(hex)}
      </dd>
    </div>
  );
}

function Ledger(): JSX.Element {
  const [found, setFound] = useState<Verified | 'checking' | string | null>(null);
  const verify = (): void => {
    setFound('checking');
    log
      .ask<'verify'>({ kind: 'verify' })
      .then(setFound, (cause: unknown) => setFound(cause instanceof Error ? cause.message : String(cause)));
  };
  return (
    <div class="stack">
      <div class="row">
        <h3>{words.ledger}</h3>
        <button type="button" class="button" onClick={verify} disabled={found === 'checking'}>
          {words.verify}
        </button>
      </div>
      <div aria-live="polite">
        {found === 'checking' && <p class="soft">{words.verifying}</p>}
        {typeof found === 'string' && found !== 'checking' && <p class="alarm">{found}</p>}
        {found !== null && typeof found !== 'string' && (
          <div class={found.isIntact ? 'note' : 'note alarm'}>
            <p>{found.isIntact ? words.intact(found.records, found.published, found.refused) : words.damaged}</p>
            <p class="code small">{words.head(found.head)}</p>
            {found.findings.map((finding) => (
              <p key={finding}>{finding}</p>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}
