// What every member came to from every model it trained on, as its worker handed it out: what sums are held against, and what must be seen
// nowhere outside. Only a simulation can know it.

import type { Worker } from '../federation/worker.ts';

export class Updates {
  readonly #known = new Map<string, Float32Array>();
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  readonly around = (worker: Worker, place: number): Worker => {
    const name = this.#names[place] ?? '';
    return (work) => {
      const result = worker(work);
      if (work.kind === 'update' && result.kind === 'update') {
        this.#known.set(keyOf(name, work.start), result.update.slice());
      }
      return result;
    };
  };

  /** Undefined where this member never trained from this model. */
  of(name: string, start: Float32Array): Float32Array | undefined {
    return this.#known.get(keyOf(name, start));
  }

  all(): readonly { readonly name: string; readonly update: Float32Array }[] {
    return [...this.#known].map(([key, update]) => ({ name: key.split(' ')[0] ?? '', update }));
  }
}

const keyOf = (name: string, start: Float32Array): string =>
  `${name} ${Buffer.from(start.buffer, start.byteOffset, start.byteLength).toString('base64')}`;
