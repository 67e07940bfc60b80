// The network of a simulation: carries bytes from place to place in virtual time, a little later each, and does to every message what the
// schedule of faults says of it. It keeps order on a link unless a fault breaks it, as a connection does.

import type { Dice } from '../seeds/seeded.ts';
import type { VirtualTime } from '../time/virtual-time.ts';
import type { Lie, MessageFault, MessageTrouble, Place } from './fault.ts';

export interface Delivery {
  readonly from: Place;
  readonly to: Place;
  readonly bytes: Uint8Array;
}

export interface NetworkOptions {
  readonly time: VirtualTime;
  readonly dice: Dice;
  readonly latencyMs: { readonly least: number; readonly most: number };
  readonly troubles: readonly (MessageFault | Lie)[];
  /** Whether what is sent now passes at all. */
  readonly passes?: (from: Place, to: Place) => boolean;
  readonly deliver: (delivery: Delivery) => void | Promise<void>;
}

export interface LinkCount {
  readonly messages: number;
  readonly bytes: number;
}

export class Network {
  readonly #options: NetworkOptions;
  readonly #sent = new Map<string, number>();
  readonly #lastArrival = new Map<string, number>();
  readonly #traffic = { up: { messages: 0, bytes: 0 }, down: { messages: 0, bytes: 0 } };
  readonly #seen: Delivery[] = [];

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  /** What was sent to the server and by it, faults or not. */
  get traffic(): { readonly up: LinkCount; readonly down: LinkCount } {
    return { up: { ...this.#traffic.up }, down: { ...this.#traffic.down } };
  }

  send({ from, to, bytes }: Delivery): void {
    const link = `${from}>${to}`;
    const nth = this.#sent.get(link) ?? 0;
    this.#sent.set(link, nth + 1);
    const count = from === 'server' ? this.#traffic.down : this.#traffic.up;
    count.messages += 1;
    count.bytes += bytes.length;
    const { troubles, latencyMs, dice, time } = this.#options;
    const latency = latencyMs.least + dice.below(1 + latencyMs.most - latencyMs.least);
    const trouble = troubles.find(
      (one) => one.kind === 'message' && one.from === from && one.to === to && one.nth === nth,
    );
    const told = this.#asTold(from, to, nth, bytes);
    this.#seen.push({ from, to, bytes });
    if (this.#options.passes?.(from, to) === false) return;
    const arriving = trouble?.kind === 'message' ? copies(trouble.what, told) : ([[0, told]] as const);
    for (const [after, hurt] of arriving) {
      if (after === 0) this.#carry({ from, to, bytes: hurt }, latency, link);
      else time.after(latency + after, () => this.#options.deliver({ from, to, bytes: hurt }));
    }
  }

  /** In the order in which they were sent. */
  #carry(delivery: Delivery, latency: number, link: string): void {
    const { time, deliver } = this.#options;
    const atMs = Math.max(time.nowMs + latency, this.#lastArrival.get(link) ?? 0);
    this.#lastArrival.set(link, atMs);
    time.at(atMs, () => deliver(delivery));
  }

  /** What somebody who lies says in place of the truth. */
  #asTold(from: Place, to: Place, nth: number, truth: Uint8Array): Uint8Array {
    const lie = this.#options.troubles.find(
      (one) => one.kind === 'lie' && one.who === from && one.to === to && one.nth === nth,
    );
    if (lie?.kind !== 'lie') return truth;
    const { dice } = this.#options;
    const { what } = lie;
    const of = (wanted: (one: Delivery) => boolean): Uint8Array => this.#seen.findLast(wanted)?.bytes ?? truth;
    switch (what) {
      case 'what it sent before':
        return of((one) => one.from === from);
      case 'what another sent':
        return of((one) => one.from !== from && (one.from === 'server') === (from === 'server'));
      case 'noise':
        return truth.map(() => dice.below(256));
      default:
        return what satisfies never;
    }
  }
}

/** When, after the latency, and as what a message arrives. */
function copies(what: MessageTrouble, bytes: Uint8Array): readonly (readonly [number, Uint8Array])[] {
  switch (what.kind) {
    case 'lost':
      return [];
    case 'late':
      return [[what.byMs, bytes]];
    case 'twice':
      return [
        [0, bytes],
        [1 + what.againAfterMs, bytes],
      ];
    case 'cut':
      return [[0, bytes.slice(0, Math.floor(what.share * bytes.length))]];
    case 'bent': {
      const bent = bytes.slice();
      const bit = Math.floor(what.at * 8 * bent.length);
      const at = bit >> 3;
      if (at < bent.length) bent[at] = (bent[at] ?? 0) ^ (1 << (bit & 7));
      return [[0, bent]];
    }
    default:
      return what satisfies never;
  }
}
