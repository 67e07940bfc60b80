// The dashboard, top to bottom: what run this is, its round, what the server sees, the model, privacy, traffic, trust, control, and the bar that
// replays it. Before a run is open: how to open one.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { dashboard as words } from '../words/english/dashboard.ts';
import { ControlPart } from './control/control-part.tsx';
import { bytes, count, time } from './figures.ts';
import { LiveRuns, textOf } from './live/live-runs.tsx';
import { connect, connection, door, followRun } from './live/session.ts';
import { ModelPart } from './model/model-part.tsx';
import { DropArea, logInAddress, OpenLog } from './opening/open-log.tsx';
import { PrivacyPart } from './privacy/privacy-part.tsx';
import { ReplayBar } from './replay/replay-bar.tsx';
import { PhaseBar } from './round/phase-bar.tsx';
import { RoundPicture } from './round/round-picture.tsx';
import { damage, log, open, progress, source, summary } from './run-on-show.ts';
import { SealedPart } from './sealed/sealed-part.tsx';
import { TrafficPart } from './traffic/traffic-part.tsx';
import { TrustPart } from './trust/trust-part.tsx';

export function Dashboard(): JSX.Element {
  useEffect(() => {
    const address = logInAddress();
    if (address !== null) open({ kind: 'address', address });
    const run = new URLSearchParams(location.search).get('run');
    if (run !== null) {
      connect()
        .then((found) => (found === null ? undefined : followRun(run)))
        .catch((cause: unknown) => {
          damage.value = textOf(cause);
        });
    }
  }, []);
  const isOpen = source.value !== null;
  return (
    <DropArea>
      {isOpen ? <Run /> : <Welcome />}
      <ReplayBar />
    </DropArea>
  );
}

function Welcome(): JSX.Element {
  return (
    <div class="stack welcome">
      <h1>{words.welcome.title}</h1>
      <p class="lead">{words.welcome.lead}</p>
      <div class="columns">
        <div class="card">
          <h2>{words.open.title}</h2>
          <p class="soft">{words.open.lead}</p>
          <div class="drop">
            <OpenLog />
            <span class="soft small">{words.open.drop}</span>
          </div>
        </div>
        <div class="card">
          <h2>{words.live.title}</h2>
          <LiveRuns />
        </div>
      </div>
      {door.value != null && <Create />}
    </div>
  );
}

/** The form is loaded when somebody wants it. */
function Create(): JSX.Element {
  const [Form, setForm] = useState<(() => JSX.Element) | null>(null);
  const load = (): void => {
    import('./control/create-form.tsx').then(
      ({ CreateForm }) => setForm(() => CreateForm),
      () => undefined,
    );
  };
  return (
    <details class="card" onToggle={load}>
      <summary>{words.control.create.title}</summary>
      <div class="inside">{Form !== null && <Form />}</div>
    </details>
  );
}

function Run(): JSX.Element {
  const run = summary.value;
  const forged = usePlanProblem();
  const isReading = progress.value?.isWhole === false && source.value?.kind !== 'live';
  return (
    <>
      <header class="run-head">
        <div class="stack tight">
          <h1>{run === null ? words.reading : run.plan.plan.name}</h1>
          {run !== null && <p class="lead">{run.plan.plan.purpose}</p>}
        </div>
        <OpenLog label={words.open.another} />
      </header>
      {damage.value !== null && (
        <p class="note alarm" role="alert">
          <strong>{words.damage}</strong> {damage.value}
        </p>
      )}
      {forged !== null && (
        <p class="note alarm" role="alert">
          <strong>{words.forged}</strong> {forged}
        </p>
      )}
      {source.value?.kind === 'live' && connection.value !== null && (
        <p class="note" role="status">
          {words.live.lost} {connection.value}
        </p>
      )}
      {isReading && <Reading />}
      {run !== null && (
        <>
          <section class="round-part" aria-label={words.round.title}>
            <div class="stack">
              <PhaseBar />
              <RoundPicture />
            </div>
            <Facts />
          </section>
          {!isReading && (
            <>
              <nav class="contents" aria-label={words.contents}>
                {(['sealed', 'model', 'privacy', 'traffic', 'trust', 'control'] as const).map((name) => (
                  <a key={name} href={`#${name}`}>
                    {words[name].title}
                  </a>
                ))}
              </nav>
              <OneByOne parts={[SealedPart, ModelPart, PrivacyPart, TrafficPart, TrustPart, ControlPart]} />
            </>
          )}
        </>
      )}
    </>
  );
}

/** Why the plan on show is not what its owner signed, asked once a log; null where it is, or where it is not known yet. */
function usePlanProblem(): string | null {
  const [found, setFound] = useState<string | null>(null);
  const from = source.value;
  const isThere = summary.value !== null;
  useEffect(() => {
    let isOn = true;
    setFound(null);
    if (isThere) {
      log.ask<'plan'>({ kind: 'plan' }).then(
        (problem) => isOn && setFound(problem),
        (cause: unknown) => isOn && setFound(textOf(cause)),
      );
    }
    return () => {
      isOn = false;
    };
  }, [from, isThere]);
  return found;
}

/** One part a turn, so that a page of many parts is no long task. */
function OneByOne({ parts }: { readonly parts: readonly (() => JSX.Element | null)[] }): JSX.Element {
  const [shown, setShown] = useState(0);
  useEffect(() => {
    if (shown >= parts.length) return undefined;
    const timer = setTimeout(() => setShown(shown + 1), 0);
    return () => clearTimeout(timer);
  }, [shown]);
  return (
    <>
      {parts.slice(0, shown).map((ShownPart) => (
        <ShownPart key={parts.indexOf(ShownPart)} />
      ))}
    </>
  );
}

function Reading(): JSX.Element {
  const { bytesRead = 0, bytesInAll = null } = progress.value ?? {};
  return (
    <p class="row small soft" role="status">
      {bytesInAll !== null && <progress max={bytesInAll} value={bytesRead} aria-label={words.reading} />}
      <span>{words.read(bytes(bytesRead), bytesInAll === null ? null : bytes(bytesInAll))}</span>
    </p>
  );
}

function Facts(): JSX.Element | null {
  const run = summary.value;
  if (run === null) return null;
  const { protection, exchange, contributors, stopping } = run.plan.plan;
  return (
    <div class="stack">
      <dl class="facts narrow">
        <Fact name={words.facts.run} value={run.runId} />
        <Fact name={words.facts.state} value={run.end === null ? words.phases[run.phase] : words.ends[run.end.why]} />
        <Fact name={words.facts.members} value={count(run.members.length)} />
        <Fact name={words.facts.quorum} value={`${count(contributors.minimum)} – ${count(contributors.maximum)}`} />
        <Fact name={words.facts.rounds} value={words.facts.roundsOf(count(run.releases), count(stopping.rounds))} />
        <Fact name={words.facts.failed} value={count(run.failures)} />
        <Fact name={words.facts.protection} value={protection.kind} />
        <Fact name={words.facts.schedule} value={exchange.schedule} />
        <Fact name={words.facts.began} value={time(run.createdAtMs)} />
        <Fact name={words.facts.last} value={time(run.lastAtMs)} />
      </dl>
      {run.end !== null && <p class={run.end.why === 'all rounds done' ? 'note' : 'note alarm'}>{run.end.text}</p>}
    </div>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
