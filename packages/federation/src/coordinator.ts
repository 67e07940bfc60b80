// The door `@sumus/federation/coordinator`: what a server does in a run. Schedules and server optimisers, the statistics of downloads, and
// the sum of uploads in clear where a plan has no protection. No import path from here reaches training, data, a participant's choice
// or a key; architecture.test.ts walks it.
export * as exchange from './exchange/index.ts';
export * as runs from './run/coordinator/index.ts';
export { addClearUpload, type ClearUpload } from './sharing/clear-upload.ts';
export {
  countSum,
  countUpload,
  type DownloadStatistics,
  decayed,
  freshStatistics,
  mostUpdated,
} from './sharing/download.ts';
export * as sums from './sum/coordinator/index.ts';
