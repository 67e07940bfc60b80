// What the page shows at this moment, as signals: the log that is open, its summary, and the scene at the position that somebody chose. The
// worker has the log; here is only what is looked at. One scene is asked for at a time, and the newest wish wins.
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { LogClient } from './history/log-client.ts';
import type { LogSource } from './history/log-source.ts';
import type { RoundRow, RunSummary, Scene } from './history/summary.ts';

export interface Progress {
  readonly bytesRead: number;
  readonly bytesInAll: number | null;
  readonly isWhole: boolean;
}

export const source: Signal<LogSource | null> = signal(null);
export const summary: Signal<RunSummary | null> = signal(null);
export const progress: Signal<Progress | null> = signal(null);
/** Why no more of the log is shown; null where nothing is the matter. */
export const damage: Signal<string | null> = signal(null);
export const scene: Signal<Scene | null> = signal(null);
/** How many events have happened, as far as somebody wants to see. */
export const position: Signal<number> = signal(0);
/** Stays at the end while events come. */
export const follows: Signal<boolean> = signal(true);
export const plays: Signal<boolean> = signal(false);

export const row: ReadonlySignal<RoundRow | undefined> = computed(
  () => summary.value?.rounds[scene.value?.round ?? -1],
);

// What follows from the position changes once a round and not at every event: who reads it is not drawn again in between.

/** How many rounds were opened by the position on show, and how many of them had been released. */
const openedCount: ReadonlySignal<number> = computed(
  () => summary.value?.rounds.filter(({ from }) => from < position.value).length ?? 0,
);
export const releasedCount: ReadonlySignal<number> = computed(
  () => summary.value?.rounds.filter(({ outcome, to }) => outcome === 'released' && to <= position.value).length ?? 0,
);

export const openedSoFar: ReadonlySignal<readonly RoundRow[]> = computed(
  () => summary.value?.rounds.slice(0, openedCount.value) ?? [],
);
export const releasedSoFar: ReadonlySignal<readonly RoundRow[]> = computed(() =>
  (summary.value?.rounds ?? []).filter(({ outcome }) => outcome === 'released').slice(0, releasedCount.value),
);

export const log: LogClient = new LogClient({
  summary: ({ summary: told, ...rest }) => {
    summary.value = told;
    progress.value = rest;
    if (follows.value || position.value > told.events) goTo(told.events, true);
  },
  damage: (text) => {
    damage.value = text;
  },
  failed: (text) => {
    damage.value = text;
  },
});

export function open(from: LogSource): void {
  source.value = from;
  summary.value = null;
  progress.value = null;
  damage.value = null;
  scene.value = null;
  position.value = 0;
  follows.value = true;
  plays.value = false;
  log.open(from);
}

export function goTo(wanted: number, stays = false): void {
  const events = summary.value?.events ?? 0;
  position.value = Math.max(0, Math.min(Math.round(wanted), events));
  follows.value = stays;
  refresh();
}

let isAsking = false;

function refresh(): void {
  if (isAsking) return;
  isAsking = true;
  const asked = position.value;
  log
    .ask<'scene'>({ kind: 'scene', position: asked })
    .then(
      (found) => {
        scene.value = found;
      },
      (cause: unknown) => {
        damage.value = cause instanceof Error ? cause.message : String(cause);
      },
    )
    .finally(() => {
      isAsking = false;
      if (position.value !== asked) refresh();
    });
}
