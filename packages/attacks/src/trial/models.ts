// The networks that trials attack, for pictures of any shape: what each attack is known for. Attacks read their first weights like any server.

import { type Architecture, architecture } from '@sumus/learning/model';
import type { PictureShape } from '../pictures/likeness.ts';

/**
 * `quotients` and `imprint` read closed forms out of a first dense layer; `deepLeakage` (L-BFGS, smooth networks) and `cosine` (total
 * variation, any network) search.
 */
export type AttackName = 'quotients' | 'imprint' | 'deepLeakage' | 'cosine';

export const attackNames: readonly AttackName[] = ['quotients', 'imprint', 'deepLeakage', 'cosine'];

export interface ModelOptions {
  readonly classes: number;
  /** Of the first dense layer; the more, the more an imprinting server sees. */
  readonly units: number;
}

export function modelFor(attack: AttackName, shape: PictureShape, { classes, units }: ModelOptions): Architecture {
  const { rows, columns, channels } = shape;
  switch (attack) {
    case 'quotients':
    case 'imprint':
      return architecture({
        input: [rows * columns * channels],
        layers: [
          { kind: 'dense', units },
          { kind: 'relu' },
          { kind: 'dense', units: 64 },
          { kind: 'relu' },
          { kind: 'dense', units: classes },
        ],
      });
    case 'deepLeakage':
      // The paper's network (arXiv 1906.08935): convolutions and sigmoids, nothing that is cut off.
      return architecture({
        input: [rows, columns, channels],
        layers: [
          { kind: 'conv2d', filters: 12, kernel: 5, step: 2, padding: 2 },
          { kind: 'sigmoid' },
          { kind: 'conv2d', filters: 12, kernel: 5, step: 2, padding: 2 },
          { kind: 'sigmoid' },
          { kind: 'conv2d', filters: 12, kernel: 5, padding: 2 },
          { kind: 'sigmoid' },
          { kind: 'flatten' },
          { kind: 'dense', units: classes },
        ],
      });
    case 'cosine':
      return architecture({
        input: [rows, columns, channels],
        layers: [
          { kind: 'conv2d', filters: 8, kernel: 5, step: 2, padding: 'same' },
          { kind: 'relu' },
          { kind: 'conv2d', filters: 16, kernel: 5, step: 2, padding: 'same' },
          { kind: 'relu' },
          { kind: 'flatten' },
          { kind: 'dense', units: classes },
        ],
      });
    default:
      return attack satisfies never;
  }
}
