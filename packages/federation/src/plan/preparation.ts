// What everybody does to its own data before the model sees them: part of the plan, so that all do the same. preparation-schema.ts holds it
// to its ranges, preparation-rules.ts to the rest of the plan.

export type Preparation = AsGiven | ScatteringPreparation;

/** The data are the model's inputs. */
export interface AsGiven {
  readonly kind: 'as-given';
}

/** Wavelet scattering of images of 28 × 28: fixed filters, nothing is learned from data. Of one round, the exchange names its features. */
export interface ScatteringPreparation {
  readonly kind: 'scattering';
  /** After a public random projection; the model's inputs. */
  readonly featureCount: number;
  /** Every image's features are brought to this L2 norm. */
  readonly radius: number;
}
