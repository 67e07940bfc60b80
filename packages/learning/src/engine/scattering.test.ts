import { describe, it } from 'vitest';
import { scatteringTables } from '../features/scattering-tables.ts';
import { agree, seededFloats } from './agreement.contract.ts';
import { SCATTERING_LAYOUT } from './scattering-kernels.ts';

describe('the scattering kernels', () => {
  it('agree with plain sums, and write only what they were given', async () => {
    await agree(
      {
        image: seededFloats(784, 1),
        tables: scatteringTables().values,
        scratch: new Float32Array(SCATTERING_LAYOUT.scratchBytes / 4),
        out: seededFloats(81 * 49, 2),
      },
      ['out'],
      // Numbers of at most 1, from transforms of 1,296 points.
      1e-6,
      ({ scattering }, at) => {
        scattering.scatter(at('out'), at('image'), at('tables'), at('scratch'));
      },
    );
  });

  it('normalise groups of any length', async () => {
    await agree({ x: seededFloats(3 * 11, 3) }, ['x'], 1e-6, ({ scattering }, at) => {
      scattering.normaliseGroups(at('x'), 3, 11, 1e-5);
    });
  });
});
