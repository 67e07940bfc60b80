// Where a round is: its steps, how many have answered, how many it takes, and how long it waits.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { dashboard as words } from '../../words/english/dashboard.ts';
import { count, duration } from '../figures.ts';
import { DOING, type Step, stepOf, steps } from '../history/codes.ts';
import type { Scene } from '../history/summary.ts';
import { follows, row, scene, source, summary } from '../run-on-show.ts';

export function PhaseBar(): JSX.Element | null {
  const shown = scene.value;
  const run = summary.value;
  if (shown === null || run === null) return null;
  const step = stepOf(shown.phase);
  const now = stageOf(shown);
  const quorum = run.plan.plan.contributors.minimum;
  return (
    <div class="stack">
      <ol class="phases" aria-label={words.round.steps}>
        {[...steps, 'published' as const].map((name, at) => (
          <li
            key={name}
            class={at < now ? 'done' : at === now ? 'now' : ''}
            aria-current={at === now ? 'step' : undefined}
          >
            {words.steps[name]}
          </li>
        ))}
      </ol>
      <p class="row small soft" aria-live="polite">
        <span>{words.phases[shown.phase]}</span>
        {step !== undefined && <Quorum shown={shown} step={step} quorum={quorum} />}
        {step !== undefined && <TimeLeft shown={shown} seconds={run.plan.plan.deadline.roundSeconds} />}
        {row.value?.failure != null && shown.position >= row.value.to && (
          <span class="alarm">{row.value.failure.reason}</span>
        )}
      </p>
    </div>
  );
}

/** The step that is under way; that behind the last when all is published. */
function stageOf({ phase }: Scene): number {
  const step = stepOf(phase);
  if (step !== undefined) return steps.indexOf(step);
  return phase === 'done' || (phase === 'between rounds' && row.value?.outcome === 'released') || phase === 'ended'
    ? steps.length
    : -1;
}

function Quorum(props: { readonly shown: Scene; readonly step: Step; readonly quorum: number }): JSX.Element {
  const { shown, step, quorum } = props;
  const sought =
    step === 'keys' ? [DOING.answered] : step === 'opening' ? [DOING.opening] : [DOING.sealed, DOING.opening];
  const here = shown.doing.reduce((all, code) => (sought.some((one) => one === code) ? all + 1 : all), 0);
  return (
    <span>
      {step === 'sealing' ? words.round.quorum(count(here), count(quorum)) : words.round.answered(count(here))}
    </span>
  );
}

/** By the reader's clock while a run is followed live, else as of the event on show. */
function TimeLeft({ shown, seconds }: { readonly shown: Scene; readonly seconds: number }): JSX.Element {
  const isLive = source.value?.kind === 'live' && follows.value;
  const [nowMs, setNow] = useState(Date.now());
  useEffect(() => {
    if (!isLive) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isLive]);
  const leftMs = Math.max(0, shown.sinceMs + 1000 * seconds - (isLive ? nowMs : shown.atMs));
  return (
    <>
      <span>{words.round.timeLeft(duration(leftMs))}</span>
      <progress class="left" max={1000 * seconds} value={leftMs} aria-label={words.round.timeLeftLabel} />
    </>
  );
}
