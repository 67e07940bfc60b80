// Schedules of faults from seeds. Of every six seeds three crash the server, four times each, and two a participant, in steps that go through
// all there are as seeds do, so that so many seeds crash everybody in every step; the sixth hurts a message, and some of everything else is
// drawn on top. The same seed and shape give the same schedule, for good: a failing seed is a test.

import { type Dice, diceOf, type RandomBytes } from '../seeds/seeded.ts';
import type { Crash, Fault, FaultSchedule, Lie, MessageTrouble, Place } from './fault.ts';

/** What there is to go wrong. */
export interface FaultShape {
  readonly participants: number;
  /** Steps of the server and of a participant in a run without faults, about. */
  readonly serverSteps: number;
  readonly participantSteps: number;
  /** Messages on one link in one direction, about. */
  readonly messages: number;
  /** How long a phase is waited for: lateness is drawn around it. */
  readonly phaseMs: number;
}

const MOST_FAULTS = 4;
const LIES: readonly Lie['what'][] = ['what it sent before', 'what another sent', 'noise'];

export function drawFaults(seed: number, shape: FaultShape, randomBytes: RandomBytes): FaultSchedule {
  const dice = diceOf(randomBytes);
  const faults = [...inOrder(seed, shape, dice)];
  const more = dice.below(MOST_FAULTS);
  for (let i = 0; i < more; i++) faults.push(drawn(shape, dice));
  return { seed, faults };
}

/** Of the server in one schedule, far apart. */
const CRASHES = 4;

function inOrder(seed: number, shape: FaultShape, dice: Dice): readonly Fault[] {
  // Six seeds and the next six go through the same steps: whoever plays them may change something else in between.
  const turn = Math.floor(seed / 12);
  const place = seed % 6;
  if (place === 5) return [message(shape, dice)];
  if (place % 2 === 1) {
    const step = (2 * turn + (place - 1) / 2) % shape.participantSteps;
    return [crash(dice.below(shape.participants), step, shape, dice)];
  }
  const apart = Math.ceil(shape.serverSteps / CRASHES);
  const first = (3 * turn + place / 2) % apart;
  return Array.from({ length: CRASHES }, (_, i) => crash('server', first + i * apart, shape, dice));
}

function drawn(shape: FaultShape, dice: Dice): Fault {
  const kind = dice.below(10);
  if (kind < 5) return message(shape, dice);
  const server = (): Crash => crash('server', dice.below(shape.serverSteps), shape, dice);
  if (kind < 6) return dice.chance(0.5) ? server() : { ...server(), forgets: 1 + dice.below(8) };
  if (kind < 8) return crash(dice.below(shape.participants), dice.below(shape.participantSteps), shape, dice);
  const who = dice.below(shape.participants);
  if (kind < 9) return { kind: 'departure', who, step: dice.below(shape.participantSteps) };
  const [from, to]: readonly [Place, Place] = dice.chance(0.5) ? [who, 'server'] : ['server', who];
  return { kind: 'lie', who: from, to, nth: dice.below(shape.messages), what: dice.among(LIES) };
}

function crash(who: Place, step: number, { phaseMs }: FaultShape, dice: Dice): Crash {
  return { kind: 'crash', who, step, outputs: dice.below(4), downMs: dice.below(2 * phaseMs) };
}

function message(shape: FaultShape, dice: Dice): Fault {
  const participant = dice.below(shape.participants);
  const isUp = dice.chance(0.5);
  const [from, to]: readonly [Place, Place] = isUp ? [participant, 'server'] : ['server', participant];
  return { kind: 'message', from, to, nth: dice.below(shape.messages), what: trouble(shape, dice) };
}

function trouble({ phaseMs }: FaultShape, dice: Dice): MessageTrouble {
  const share = (): number => dice.below(1000) / 1000;
  switch (dice.below(5)) {
    case 0:
      return { kind: 'lost' };
    case 1:
      return { kind: 'late', byMs: dice.below(2 * phaseMs) };
    case 2:
      return { kind: 'twice', againAfterMs: dice.below(2 * phaseMs) };
    case 3:
      return { kind: 'cut', share: share() };
    default:
      return { kind: 'bent', at: share() };
  }
}
