// A run from its owner's side until it is over: the desk answers, the log is read, and the run is begun once those who were waited for have said
// yes. Who follows may go away and come back; the run does not need anybody to look at it.
import { eventLine, type Released, type RunEvent } from '@sumus/federation/run';
import { Problem } from '@sumus/wire/problem';
import { type EventsView, foldEvent, noEvents } from './events-view.ts';
import { keepLog } from './kept-log.ts';
import type { OwnerRun } from './owner-run.ts';

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** The run begins with so many who accepted. */
  readonly startWith: number;
  /** After every event. */
  readonly onEvent: (view: EventsView, event: RunEvent) => void;
  /** What the desk did, for people. */
  readonly onAnswer: (text: string) => void;
}

export interface Followed {
  readonly view: EventsView;
  /** The newest model that was published; undefined where there was none. */
  readonly newest: Released | undefined;
}

/** What is asked of a run here. */
export type RunToFollow = Pick<OwnerRun, 'keepDesk' | 'watch' | 'status' | 'start' | 'logFile'>;

export async function followRun(
  run: RunToFollow,
  { signal, startWith, onEvent, onAnswer }: FollowOptions,
): Promise<Followed> {
  const atDesk = new AbortController();
  const stop = (): void => atDesk.abort();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  const desk = run.keepDesk(atDesk.signal, onAnswer);
  let view = noEvents;
  let newest: Released | undefined;
  const lines: string[] = [];
  let next = 0;
  const watching = run.watch(atDesk.signal, async (event, place) => {
    // Told again, because the start that follows from it did not get through, it has not happened twice.
    if (!(place < next)) {
      next = place + 1;
      view = foldEvent(view, event);
      lines.push(eventLine(event));
      if (event.kind === 'released') newest = event;
      else if (event.kind === 'run ended') keepLog(run.logFile, lines);
      onEvent(view, event);
    }
    if (event.kind === 'plan accepted by member' && isReady(view, startWith)) await begin(run, view);
  });
  try {
    // The desk ends with the signal alone: whichever of the two breaks is heard.
    await Promise.race([watching, desk.then(() => watching)]);
  } finally {
    stop();
    signal.removeEventListener('abort', stop);
    await Promise.allSettled([desk, watching]);
  }
  return { view, newest };
}

const isReady = ({ members, startedAtMs }: EventsView, startWith: number): boolean =>
  startedAtMs === undefined && [...members.values()].filter((state) => state === 'accepted').length >= startWith;

/** Reading the log from its beginning, this may be asked of a run that began long ago: then nothing is asked. */
async function begin(run: RunToFollow, view: EventsView): Promise<void> {
  const status = await run.status();
  if (status.phase !== 'gathering') return;
  try {
    await run.start();
  } catch (error) {
    // Somebody else of the owner's was faster, or left again: the next yes asks once more.
    if (!(error instanceof Problem && (error.code === 'conflict' || error.code === 'refused'))) throw error;
    if (view.startedAtMs !== undefined) throw error;
  }
}
