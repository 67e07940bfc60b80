// From the decision to the receipts: the yes, what happens now, pausing, leaving, and the papers that prove it.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { join as words } from '../words/english/join.ts';
import { Fact } from './invitation-part.tsx';
import {
  begin,
  contributions,
  data,
  ended,
  invitation,
  isInsisted,
  isWaiting,
  leave,
  models,
  notes,
  papers,
  pause,
  stage,
  told,
  waitReason,
} from './join-state.ts';
import type { Told } from './member/member-messages.ts';

export function ConsentPart(): JSX.Element {
  const [isAgreed, setAgreed] = useState(false);
  const reason = waitReason();
  const isReady = data.value?.kind === 'taken';
  const would = invitation.value?.dryRun;
  const isAllowed = would?.judgement.kind === 'accepted';
  return (
    <section class="part" aria-labelledby="consent">
      <h2 id="consent">{words.consent.title}</h2>
      <label class="join-yes">
        <input type="checkbox" checked={isAgreed} onChange={({ currentTarget }) => setAgreed(currentTarget.checked)} />
        <span>{words.consent.yes}</span>
      </label>
      {reason !== undefined && (
        <div class="note stack">
          <p>
            {reason === 'battery'
              ? words.consent.battery
              : words.consent.savesData(words.leaves.bytesOf(would?.explanation.bytes.up ?? 0))}
          </p>
          <Insist />
        </div>
      )}
      <div class="row">
        <button
          type="button"
          class="button primary"
          disabled={!isAgreed || !isReady || !isAllowed || reason !== undefined}
          onClick={begin}
        >
          {words.consent.begin}
        </button>
        {!isReady && <span class="soft">{words.consent.needsData}</span>}
      </div>
    </section>
  );
}

function Insist(): JSX.Element {
  return (
    <label class="join-yes">
      <input
        type="checkbox"
        checked={isInsisted.value}
        onChange={({ currentTarget }) => {
          isInsisted.value = currentTarget.checked;
        }}
      />
      <span>{words.consent.insist}</span>
    </label>
  );
}

const of = <K extends Told['kind']>(kind: K): Extract<Told, { kind: K }> | undefined => {
  const one = told.value[kind];
  // The last of a kind is of that kind, which an index by kind does not tell the compiler.
  return one as Extract<Told, { kind: K }> | undefined;
};

export function StatusPart(): JSX.Element {
  const title = { 'taking part': words.status.title, paused: words.status.paused, ended: words.status.ended };
  const now = stage.value;
  return (
    <section class="part" aria-labelledby="status">
      <h2 id="status">{now === 'paused' || now === 'ended' ? title[now] : title['taking part']}</h2>
      <div role="status" class="stack">
        {now === 'taking part' && <Now />}
        {now === 'paused' && <p>{words.status.pausedText}</p>}
        {now === 'ended' && <End />}
      </div>
      {now === 'taking part' && <Bars />}
      <dl class="facts">
        <Fact name={words.status.facts.models} value={String(models.value)} />
        <Fact name={words.status.facts.contributed} value={String(contributions.value)} />
        <Fact name={words.status.facts.receipts} value={String(papers.value?.receipts.length ?? 0)} />
      </dl>
      {now !== 'ended' && <Buttons />}
      {now === 'taking part' && <p class="soft small">{words.status.keepOpen}</p>}
      {notes.value.length > 0 && (
        <details>
          <summary>{words.status.notes}</summary>
          <ul class="join-sentences">
            {notes.value.map((text, at) => (
              <li key={at}>{text}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Now(): JSX.Element {
  const [standing, round] = [of('standing'), of('round')];
  if (isWaiting.value) return <p>{words.status.waiting}</p>;
  return (
    <>
      {standing !== undefined && <p class="lead">{words.status.standing[standing.standing]}</p>}
      {round === undefined ? (
        <p class="soft">{words.status.idle}</p>
      ) : (
        <p>
          {words.status.round(round.round, round.members.length)}
          {round.takesPart ? '' : `, ${words.status.follows}`}
        </p>
      )}
    </>
  );
}

/** What changes often: not read out with every step. */
function Bars(): JSX.Element {
  const [phase, training, sending] = [of('phase'), of('training'), of('sending')];
  return (
    <div class="stack">
      {training !== undefined && (
        <div class="stack join-bar">
          <progress
            max={training.steps}
            value={training.step}
            aria-label={words.status.training(training.epoch, training.epochs)}
          />
          <p class="small">
            {words.status.training(training.epoch, training.epochs)}
            {training.loss === null ? '' : `, ${words.status.loss(training.loss)}`}
          </p>
        </div>
      )}
      {phase !== undefined && <p class="small soft">{words.status.phase(phase.phase)}</p>}
      {sending !== undefined && (
        <p class="small soft">
          {words.status.sent(sending.type, words.leaves.bytesOf(sending.sent), words.leaves.bytesOf(sending.bytes))}
        </p>
      )}
    </div>
  );
}

function End(): JSX.Element | null {
  const how = ended.value;
  if (how === null) return null;
  return (
    <>
      <p class="lead">{words.status.how[how.kind]}</p>
      {'text' in how && <p>{how.text}</p>}
    </>
  );
}

function Buttons(): JSX.Element {
  const [isAsked, setAsked] = useState(false);
  if (isAsked) {
    return (
      <div class="note stack">
        <p>{words.status.leaveQuestion}</p>
        <div class="row">
          <button type="button" class="button danger" onClick={() => leave(words.status.leaveReason)}>
            {words.status.leaveYes}
          </button>
          <button type="button" class="button" onClick={() => setAsked(false)}>
            {words.status.leaveNo}
          </button>
        </div>
      </div>
    );
  }
  const isPaused = stage.value === 'paused';
  return (
    <>
      {isPaused && waitReason() !== undefined && <Insist />}
      <div class="row">
        {isPaused ? (
          <button
            type="button"
            class="button primary"
            disabled={data.value?.kind !== 'taken' || waitReason() === 'battery'}
            onClick={begin}
          >
            {words.status.resume}
          </button>
        ) : (
          <button type="button" class="button" onClick={pause}>
            {words.status.pause}
          </button>
        )}
        {!isPaused && (
          <button type="button" class="button danger" onClick={() => setAsked(true)}>
            {words.status.leave}
          </button>
        )}
      </div>
    </>
  );
}

export function PapersPart(): JSX.Element {
  const found = papers.value;
  return (
    <section class="part" aria-labelledby="papers">
      <h2 id="papers">{words.papers.title}</h2>
      <p>{words.papers.text}</p>
      {found === null || found.ledger === '' ? (
        <p class="soft">{words.papers.none}</p>
      ) : (
        <div class="row">
          <button type="button" class="button" onClick={() => download('ledger.jsonl', found.ledger)}>
            {words.papers.ledger}
          </button>
          {found.receipts.length > 0 && (
            <button type="button" class="button" onClick={() => download('receipts.jsonl', found.receipts.join(''))}>
              {words.papers.receipts}
            </button>
          )}
        </div>
      )}
    </section>
  );
}

function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/jsonl' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
