// Who gives a spent ciphertext new levels, as an executor sees it: anything that answers with the same numbers at the level asked for.

import type { Ciphertext } from '@sumus/lattice/ckks';

export interface Refresher {
  /** The same numbers at `level`. The ciphertext's declared magnitude stays. */
  refresh(spent: Ciphertext, level: number): Promise<Ciphertext>;
}
