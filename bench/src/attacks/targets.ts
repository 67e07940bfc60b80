// What is known of summing a batch: the share of exactly recovered training images against the batch size, for a server that looks and
// for one that imprints. Every cell is a target: not to be as bad as that, but to be within five points of it, because an attack that is
// weaker here than elsewhere would make batching look safe.
//
// The table's cells are means over five or ten batches. One of them (imprint, k = 128, batch 16: 77.5 of 80 pictures) lies three standard
// errors below the table's own theory, 88.9: a server as good as theory misses it. Hence each imprinting cell is held to the theory, too.

import { expectedAlone } from '@sumus/attacks/imprint';
import type { Target } from '../report.ts';

export const BATCHES: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 100];

/** Percent of images recovered, in the order of BATCHES. */
export const KNOWN: Readonly<Record<Server, readonly number[]>> = {
  passive: [100, 100, 97.5, 81.2, 32.5, 6.2, 1.7, 0.4],
  'imprint, k = 128': [100, 100, 100, 100, 77.5, 80.0, 64.4, 47.4],
  'imprint, k = 1000': [100, 100, 100, 100, 97.5, 93.8, 92.8, 90.0],
};

export type Server = 'passive' | 'imprint, k = 128' | 'imprint, k = 1000';

export const SERVERS: readonly Server[] = ['passive', 'imprint, k = 128', 'imprint, k = 1000'];

const TABLE = 'reproduces the batch-size table ± 5 points; encrypted: 0 recoveries from the server’s view';

export const cellName = (server: Server, batch: number): string => `${server}, batch ${batch}: points off the table`;

export const theoryName = (server: Server, batch: number): string =>
  `${server}, batch ${batch}: points off (1 − 1/k)^(B−1)`;

export const BINS: Readonly<Record<Server, number>> = {
  passive: 0,
  'imprint, k = 128': 128,
  'imprint, k = 1000': 1000,
};

/** Percent; undefined for the server that only looks, of which no formula is known. */
export const theory = (server: Server, batch: number): number | undefined =>
  server === 'passive' ? undefined : 100 * expectedAlone(BINS[server], batch);

const cells: readonly Target[] = SERVERS.flatMap((server) =>
  BATCHES.flatMap((batch) =>
    [cellName(server, batch), ...(server === 'passive' ? [] : [theoryName(server, batch)])].map((name) => ({
      name,
      target: TABLE,
      unit: 'points',
      bound: { atMost: 5 },
    })),
  ),
);

export const SEALED: Target = {
  name: 'images recovered from sealed updates, both servers, batch 1',
  target: TABLE,
  unit: 'images',
  bound: { atMost: 0 },
};

export const TARGETS: readonly Target[] = [...cells, SEALED];
