// A bound that a circuit declares does not hold: what would have happened under encryption, found in the clear.

export class BoundExceeded extends Error {
  override readonly name = 'BoundExceeded';
  readonly code = 'E_CONTENT';
  /** Where in the circuit: `iteration 3`, '' outside of all sections. */
  readonly section: string;
  readonly bound: number;

  constructor(bound: number, section: string, because: string) {
    super(
      `a number exceeds ${bound}${section === '' ? '' : ` in ${section}`}, although ${because}: encrypted, this run would go wrong in silence`,
    );
    this.section = section;
    this.bound = bound;
  }
}
