// Who cannot be reached for a while: in every round each member goes silent with a chance, from some message on and until the round is over,
// as a machine does that is closed and opened again. What it sends is lost, and what is sent to it.

import type { Place } from '../faults/index.ts';
import type { Dice } from '../seeds/seeded.ts';

/** A member that goes goes within so many of its messages of a round. */
const MOST_MESSAGES = 6;

export class Blackouts {
  readonly #chance: number;
  readonly #dice: Dice;
  /** How many messages each that will go still has to send; 0: it is gone. */
  readonly #left = new Map<Place, number>();

  constructor(chance: number, dice: Dice) {
    if (!(chance >= 0 && chance < 1)) throw new RangeError(`a chance of ${chance} to drop out`);
    this.#chance = chance;
    this.#dice = dice;
  }

  /** A round begins: who goes in it is drawn. Answers how many will. */
  begin(members: readonly number[]): number {
    this.#left.clear();
    if (this.#chance === 0) return 0;
    for (const member of members) {
      if (this.#dice.chance(this.#chance)) this.#left.set(member, this.#dice.below(MOST_MESSAGES));
    }
    return this.#left.size;
  }

  end(): void {
    this.#left.clear();
  }

  /** Whether a message passes; counts it for who sends it. */
  passes(from: Place, to: Place): boolean {
    if (this.#left.get(to) === 0) return false;
    const left = this.#left.get(from);
    if (left === undefined) return true;
    if (left === 0) return false;
    this.#left.set(from, left - 1);
    return true;
  }
}
