// Where a participant stands, told when it changes: its place in the run, the round, and what the round's sum is waiting for.

import type { ParticipantInTheClear } from '@sumus/federation/participant';
import { phaseOf } from '@sumus/federation/sum';
import type { Progress } from './progress.ts';

export class Whereabouts {
  readonly #tell: (progress: Progress) => void;
  #standing = '';
  #round = -1;
  #phase = '';

  constructor(tell: (progress: Progress) => void) {
    this.#tell = tell;
  }

  tell({ standing, open }: ParticipantInTheClear): void {
    if (standing !== this.#standing) this.#tell({ kind: 'standing', standing });
    this.#standing = standing;
    if (open === undefined) return;
    const { round, members, own } = open;
    const isNew = round !== this.#round;
    if (isNew) this.#tell({ kind: 'round', round, members, takesPart: own !== undefined });
    const phase = own === undefined ? '' : phaseOf(own.sum);
    if (phase !== '' && (isNew || phase !== this.#phase)) this.#tell({ kind: 'phase', round, phase });
    this.#round = round;
    this.#phase = phase;
  }
}
