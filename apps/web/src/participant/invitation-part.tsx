// What a person is asked to say yes to: what will run, what will leave, what it costs, who learns what. Numbers and sentences come from the plan's
// own explanation and dry run.
import type { JSX } from 'preact';
import { join as words } from '../words/english/join.ts';
import type { Invitation } from './member/member-messages.ts';

interface Shown {
  readonly of: Invitation;
}

export function InvitationPart({ of }: Shown): JSX.Element {
  return (
    <>
      <RunPart of={of} />
      <LeavesPart of={of} />
      <CostPart of={of} />
    </>
  );
}

function RunPart({ of }: Shown): JSX.Element {
  const { facts, key } = words.run;
  const { explanation, roundsAtMost } = of.dryRun;
  return (
    <section class="part" aria-labelledby="run">
      <h2 id="run">{words.run.title}</h2>
      <p class="lead">{of.purpose}</p>
      <dl class="facts">
        <Fact name={facts.member} value={of.member} />
        <Fact name={facts.run} value={of.name} />
        <Fact name={facts.server} value={of.server} />
        <Fact name={facts.rounds} value={words.run.rounds(roundsAtMost)} />
        <Fact name={facts.until} value={new Date(of.notAfterMs).toLocaleDateString()} />
      </dl>
      {of.isSpent && <p class="note alarm">{words.run.spent}</p>}
      {explanation.run.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <details>
        <summary>{words.run.keys}</summary>
        <dl class="stack">
          <Key name={key.own} value={of.key} />
          <Key name={key.coordinator} value={of.coordinator} />
          <Key name={key.owner} value={of.owner} />
          <Key name={key.plan} value={of.plan} />
        </dl>
        <p class="soft small">{words.run.keyNote}</p>
      </details>
    </section>
  );
}

export function Fact({ name, value }: { readonly name: string; readonly value: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Key({ name, value }: { readonly name: string; readonly value: string }): JSX.Element {
  return (
    <div>
      <dt class="soft small">{name}</dt>
      <dd class="code join-key">{value}</dd>
    </div>
  );
}

function LeavesPart({ of }: Shown): JSX.Element {
  const { leaves } = of.dryRun;
  return (
    <section class="part" aria-labelledby="leaves">
      <h2 id="leaves">{words.leaves.title}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard. */}
      <section class="scroll" tabIndex={0} aria-label={words.leaves.title}>
        <table>
          <thead>
            <tr>
              <th scope="col">{words.leaves.what}</th>
              <th scope="col">{words.leaves.bytes}</th>
              <th scope="col">{words.leaves.numbers}</th>
              <th scope="col">{words.leaves.reader}</th>
            </tr>
          </thead>
          <tbody>
            {leaves.map(({ what, inWords, bytes, coordinates, readableBy }) => (
              <tr key={what}>
                <td>{inWords}</td>
                <td>{bytes === null ? words.leaves.unknown : words.leaves.bytesOf(bytes)}</td>
                <td>{coordinates.toLocaleString('en')}</td>
                <td>{readableBy}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="note">{words.leaves.never}</p>
    </section>
  );
}

function CostPart({ of }: Shown): JSX.Element {
  const { epsilon, delta, explanation, judgement } = of.dryRun;
  const { learns, cost } = words;
  return (
    <section class="part" aria-labelledby="cost">
      <h2 id="cost">{cost.title}</h2>
      <p class="lead">{epsilon === null || delta === null ? cost.none : cost.bound(upwards(epsilon), delta)}</p>
      {explanation.privacy.sentences.map((sentence) => (
        <p key={sentence} class={epsilon === null ? 'note alarm' : ''}>
          {sentence}
        </p>
      ))}
      {judgement.kind === 'accepted' ? null : (
        <div class="note alarm" role="alert">
          <p>{learns.refused}</p>
          <ul>
            {judgement.refusals.map(({ code, toParticipant }) => (
              <li key={code}>{toParticipant}</li>
            ))}
          </ul>
        </div>
      )}
      <h3>{learns.warnings}</h3>
      <Sentences of={explanation.warnings} />
      <details>
        <summary>{learns.title}</summary>
        <div class="stack">
          <h3>{learns.server}</h3>
          <Sentences of={explanation.server} />
          <h3>{learns.participants}</h3>
          <Sentences of={explanation.participants} />
          <h3>{learns.collusion}</h3>
          <Sentences of={explanation.collusion} />
        </div>
      </details>
    </section>
  );
}

function Sentences({ of }: { readonly of: readonly string[] }): JSX.Element {
  return (
    <ul class="join-sentences">
      {of.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}

/** Three digits, never below what was computed. */
function upwards(epsilon: number): string {
  const digits = 2 - Math.floor(Math.log10(Math.max(epsilon, 1e-9)));
  const unit = 10 ** -digits;
  const shown = Math.ceil(epsilon / unit) * unit;
  return (shown >= epsilon ? shown : shown + unit).toFixed(Math.max(0, digits));
}
