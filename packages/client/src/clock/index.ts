// The door `@sumus/client/clock`.
export { type Clock, pause } from './clock.ts';
