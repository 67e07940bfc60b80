// The door `@sumus/simulation/replay`: schedules of faults, played and judged.
export { type Played, type PlayOptions, play, playedText, protectionOf, scheduleOf } from './play.ts';
export type { Protected } from './small-world.ts';
export type { Verdict } from './verdict.ts';
