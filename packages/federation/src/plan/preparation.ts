// What everybody does to its own data before the model sees them: part of the plan, so that all do the same. preparation-schema.ts holds it
// to its ranges, preparation-rules.ts to the rest of the plan.
//
// Of a table, means, deviations and most frequent categories come from one sum before the first round, under the plan's own protection, words
// and noise; no participant's own statistic is seen by anybody. Bounds and categories are declared by people: nobody's own range or list leaves.
// How many sums that are, and what one row moves them by: column-sums.ts.

export type Preparation = AsGiven | ScatteringPreparation | TablePreparation;

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

/** The columns of a table become numbers by a recipe that everybody fits together. */
export interface TablePreparation {
  readonly kind: 'table';
  /** What every table has to have; what else it has is not looked at. In the order of the model's inputs. */
  readonly columns: readonly TableColumn[];
  /** What is predicted; classes in the order of the model's outputs. */
  readonly target: { readonly column: string; readonly classes: readonly string[] };
  /** In order, each on what the ones before it made. */
  readonly steps: readonly ColumnStep[];
  /** Rows of one participant that count whole; one of more weighs as if it had so many, and bends none of its means. */
  readonly rowsAtMost: number;
}

export interface TableColumn {
  readonly name: string;
  readonly type: 'number' | 'category' | 'date';
}

/** Those of dataset's shared steps (prepare/shared-statistics.ts) that a plan can say; the compiler holds each to be one of them. */
export type ColumnStep =
  | Impute
  | {
      readonly kind: 'one-hot';
      readonly column: string;
      readonly unknown: 'refuse' | 'zeros';
      readonly categories: readonly string[];
    }
  | { readonly kind: 'ordinal'; readonly column: string; readonly categories: readonly string[] }
  | { readonly kind: 'days'; readonly column: string }
  | {
      readonly kind: 'min-max';
      readonly column: string;
      readonly clip: true;
      readonly bounds: Bounds;
    }
  | { readonly kind: 'standard'; readonly column: string; readonly bounds: Bounds }
  | { readonly kind: 'bound-norm'; readonly bound: number };

export type Impute =
  | { readonly kind: 'impute'; readonly column: string; readonly with: 'mean'; readonly bounds: Bounds }
  | {
      readonly kind: 'impute';
      readonly column: string;
      readonly with: 'most frequent';
      readonly categories: readonly string[];
    };

/** Least and most, declared beforehand; what lies outside counts as the bound. */
export type Bounds = readonly [number, number];
