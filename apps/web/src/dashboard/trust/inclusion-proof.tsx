// "Your update is in round 42": chosen by name and round, proved from the log and checked against the coordinator's signature in the page.
import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { dashboard } from '../../words/english/dashboard.ts';
import { fingerprint } from '../figures.ts';
import type { Answers } from '../history/worker-messages.ts';
import { saveFile } from '../model/checkpoints.tsx';
import { log, summary } from '../run-on-show.ts';

const words = dashboard.trust.inclusion;

export function InclusionProof(): JSX.Element | null {
  const run = summary.value;
  const [member, setMember] = useState('');
  const [round, setRound] = useState('');
  const [found, setFound] = useState<Answers['receipt'] | string | undefined>(undefined);
  const [name, at] = [useId(), useId()];
  if (run === null || run.releases === 0) return null;
  const prove = (): void => {
    const asked = round === '' ? run.rounds.findLastIndex(({ outcome }) => outcome === 'released') : Number(round);
    log
      .ask<'receipt'>({ kind: 'receipt', member: member || (run.members[0] ?? ''), round: asked })
      .then(setFound, (cause: unknown) => setFound(cause instanceof Error ? cause.message : String(cause)));
  };
  return (
    <div class="stack">
      <h3>{words.title}</h3>
      <div class="row bottom">
        <div class="field">
          <label for={name}>{words.member}</label>
          <input
            id={name}
            value={member}
            list={`${name}-all`}
            placeholder={run.members[0] ?? ''}
            autocomplete="off"
            onInput={({ currentTarget }) => setMember(currentTarget.value)}
          />
          <datalist id={`${name}-all`}>
            {run.members.slice(0, 200).map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
        </div>
        <div class="field">
          <label for={at}>{words.round}</label>
          <input
            id={at}
            type="number"
            min="0"
            max={run.rounds.length - 1}
            value={round}
            placeholder={words.newest}
            onInput={({ currentTarget }) => setRound(currentTarget.value)}
          />
        </div>
        <button type="button" class="button" onClick={prove}>
          {words.prove}
        </button>
      </div>
      <div aria-live="polite">
        {typeof found === 'string' && <p class="alarm">{found}</p>}
        {found === null && <p class="note">{words.notIn}</p>}
        {typeof found === 'object' && found !== null && (
          <div class={found.holds ? 'note' : 'note alarm'}>
            <p>
              {found.holds
                ? words.isIn(found.receipt.member, found.receipt.sum.round, found.receipt.sum.contributors)
                : words.fails}
            </p>
            <p class="small code">{words.contribution(fingerprint(found.receipt.contribution))}</p>
            <ol class="small code path">
              {found.receipt.path.map((hash) => (
                <li key={hash}>{fingerprint(hash)}</li>
              ))}
            </ol>
            <button
              type="button"
              class="button"
              onClick={() =>
                saveFile(`${JSON.stringify(found.receipt, null, 2)}\n`, `receipt-${found.receipt.sum.round}.json`)
              }
            >
              {words.save}
            </button>
          </div>
        )}
      </div>
    </div>
  );
}
