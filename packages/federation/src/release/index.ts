// The door `@sumus/federation/release`: from opened sums to what is published next. Public rules; everybody.
export { type PublishedMetric, publishedMetrics } from './metrics.ts';
export {
  downloadedFrom,
  isOfColumns,
  type Published,
  type PublishedModel,
  type PublishedStatistics,
  startPublished,
} from './published.ts';
export { bytesOfPublished, publishedFromBytes, publishedHash } from './published-bytes.ts';
export {
  type OpenedSum,
  type RejectedSum,
  type Released,
  type ReleaseResult,
  release,
  type SumsToRelease,
} from './release.ts';
export { supportOfRelease } from './support.ts';
