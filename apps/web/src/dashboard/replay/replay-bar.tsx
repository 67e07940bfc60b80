// The bar at the foot of the page: a slider over the whole log, round by round, and play. At its end it follows what happens.
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { dashboard } from '../../words/english/dashboard.ts';
import { count, time } from '../figures.ts';
import { follows, goTo, plays, position, scene, source, summary } from '../run-on-show.ts';

const words = dashboard.replay;
/** A round takes so long when it is played. */
const SECONDS_A_ROUND = 5;

export function ReplayBar(): JSX.Element | null {
  const run = summary.value;
  useEffect(() => (plays.value ? keepPlaying() : undefined), [plays.value]);
  if (run === null) return null;
  const { events, rounds } = run;
  const at = position.value;
  const shown = scene.value;
  const step = (by: number): void => {
    plays.value = false;
    const moments = [
      0,
      ...rounds.flatMap(({ from, to, outcome }) => (outcome === 'open' ? [from] : [from, to])),
      events,
    ];
    const next = by > 0 ? moments.find((one) => one > at) : moments.findLast((one) => one < at);
    goTo(next ?? (by > 0 ? events : 0), next === events);
  };
  return (
    <section class="replay" aria-label={words.title}>
      <div class="inside">
        <button type="button" class="button plain" aria-label={words.back} onClick={() => step(-1)}>
          <Shape path="M6 4v12M16 4 8 10l8 6z" />
        </button>
        <button
          type="button"
          class="button plain"
          aria-label={plays.value ? words.pause : words.play}
          onClick={() => {
            if (!plays.value && at >= events) goTo(0);
            plays.value = !plays.value;
          }}
        >
          <Shape path={plays.value ? 'M6 4v12M14 4v12' : 'M6 4l10 6-10 6z'} />
        </button>
        <button type="button" class="button plain" aria-label={words.forward} onClick={() => step(1)}>
          <Shape path="M14 4v12M4 4l8 6-8 6z" />
        </button>
        <input
          type="range"
          min={0}
          max={events}
          step={1}
          value={at}
          aria-label={words.slider}
          aria-valuetext={shown === null ? '' : words.at(shown.round, rounds.length, dashboard.phases[shown.phase])}
          onInput={({ currentTarget }) => {
            plays.value = false;
            goTo(Number(currentTarget.value), Number(currentTarget.value) >= events);
          }}
        />
        <p class="small soft where">
          <span>{shown === null ? '' : words.round(shown.round, rounds.length)}</span>
          <span>{words.events(count(at), count(events))}</span>
          <span>{shown === null || shown.atMs === 0 ? '' : time(shown.atMs)}</span>
        </p>
        {source.value?.kind === 'live' && (
          <button
            type="button"
            class="button"
            aria-pressed={follows.value}
            onClick={() => {
              plays.value = false;
              goTo(events, true);
            }}
          >
            {words.live}
          </button>
        )}
      </div>
    </section>
  );
}

function keepPlaying(): () => void {
  let frame = 0;
  let lastMs = performance.now();
  let exact = position.value;
  const next = (nowMs: number): void => {
    const run = summary.value;
    if (run === null) return;
    const eachRound = Math.max(20, run.events / Math.max(1, run.rounds.length));
    exact += (eachRound / SECONDS_A_ROUND) * Math.min(0.1, (nowMs - lastMs) / 1000);
    lastMs = nowMs;
    goTo(exact, exact >= run.events);
    if (exact >= run.events) plays.value = false;
    else frame = requestAnimationFrame(next);
  };
  frame = requestAnimationFrame(next);
  return () => cancelAnimationFrame(frame);
}

function Shape({ path }: { readonly path: string }): JSX.Element {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      <path d={path} fill="currentColor" stroke="currentColor" stroke-width="1.8" stroke-linejoin="round" />
    </svg>
  );
}
