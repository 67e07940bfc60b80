// Runs of the coordinator that serves this page.
import type { JSX } from 'preact';
import { dashboard } from '../../words/english/dashboard.ts';

const words = dashboard.live;

export function LiveRuns(): JSX.Element {
  return <p class="soft">{words.lead}</p>;
}
