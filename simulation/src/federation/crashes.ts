// Who crashes when: counts the steps of one machine, and says of each how many of the things that it asks for are carried out before it
// stops. A step that asks for nothing is none: nothing of it could be lost.

import type { Crash, Departure, Fault, Place } from '../faults/index.ts';

export class Crashes {
  readonly #who: Place;
  readonly #faults: readonly (Crash | Departure)[];
  #steps = 0;

  constructor(who: Place, faults: readonly Fault[]) {
    this.#who = who;
    this.#faults = faults.flatMap((fault) =>
      (fault.kind === 'crash' || fault.kind === 'departure') && fault.who === who ? [fault] : [],
    );
  }

  get steps(): number {
    return this.#steps;
  }

  /** Of the step that begins now, where anything is wrong with it. */
  next(): Crash | Departure | undefined {
    const fault = this.#faults.find(({ step }) => step === this.#steps);
    this.#steps += 1;
    return fault;
  }

  get name(): string {
    return this.#who === 'server' ? 'the server' : `participant ${this.#who}`;
  }
}
