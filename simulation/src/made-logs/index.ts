// The door `@sumus/simulation/made-logs`.
export { type MadeLogOptions, madeLog } from './made-log.ts';
