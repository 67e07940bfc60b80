// What is to be done to a table, as one JSON value: which column plays which role, which models must hold, by which method. The
// same policy gives the same output next month; policy.schema.json describes it for editors. Reading it refuses what it does not
// know: a misspelt word in a policy must not mean "no protection".
import type { HierarchySpec } from '../hierarchies/columns.ts';
import type { MeasureName } from '../information-loss/measures.ts';
import type { PrivacyModel } from '../models/model.ts';
import type { Perturbation } from '../perturbation/perturbation.ts';

export const roles = ['identifying', 'quasi-identifying', 'sensitive', 'insensitive'] as const;
/**
 * identifying: names a person and never leaves as it is; quasi-identifying: known to others, and together they may name one;
 * sensitive: must not be learned about a person; insensitive: leaves as it is.
 */
export type Role = (typeof roles)[number];

/** Values below `lower` become it, values above `upper` become it (bottom and top coding). Numbers only. */
export interface Tails {
  readonly lower?: number;
  readonly upper?: number;
}

export type HierarchyChoice = HierarchySpec | { readonly kind: 'file'; readonly file: string };

export interface IdentifyingColumn {
  readonly role: 'identifying';
  readonly action: 'remove' | 'pseudonym';
}

export interface QuasiIdentifyingColumn {
  readonly role: 'quasi-identifying';
  readonly hierarchy: HierarchyChoice;
  readonly tails?: Tails;
  /** Levels that a full-domain search may choose from. */
  readonly lowestLevel?: number;
  readonly highestLevel?: number;
}

export interface OtherColumn {
  readonly role: 'sensitive' | 'insensitive';
  readonly tails?: Tails;
  readonly noise?: Perturbation;
  /** For ordered t-closeness: the values of a column of texts, in order. */
  readonly order?: readonly string[];
  /** For hierarchical t-closeness. */
  readonly hierarchy?: HierarchyChoice;
}

export type ColumnPolicy = IdentifyingColumn | QuasiIdentifyingColumn | OtherColumn;

export type Method =
  | {
      readonly kind: 'full-domain';
      readonly measure: MeasureName;
      readonly suppressionLimit: number;
      readonly suppressionWeight: number;
    }
  | { readonly kind: 'mondrian'; readonly mode: 'strict' | 'relaxed' }
  /** Groups of k, by MDAV; all quasi-identifiers are numbers. */
  | { readonly kind: 'microaggregation'; readonly k: number };

export interface Policy {
  readonly version: 1;
  readonly columns: Readonly<Record<string, ColumnPolicy>>;
  /** Columns of the table that the policy does not name. */
  readonly otherColumns: 'refuse' | 'remove' | 'keep';
  readonly models: readonly PrivacyModel[];
  readonly method: Method;
  /**
   * Rows with a missing cell: dropped and counted if any cell is missing, or if a quasi-identifying or sensitive one is; or kept,
   * with "missing" as a value like others.
   */
  readonly missing: 'drop-rows' | 'drop-rows-in-use' | 'keep';
  /**
   * Suppressed rows leave the table, or stay with `*` in every quasi-identifying column. They are then one class, and leave all the
   * same where that class breaks a model or a population is compared with.
   */
  readonly suppressedRows: 'remove' | 'mask';
  readonly rowOrder: 'kept' | 'shuffled';
  /** A risk above this is high, in the report. */
  readonly riskThreshold: number;
  /** What pseudonyms are made for, and how often their key was changed, from 1. */
  readonly pseudonyms?: { readonly purpose: string; readonly generation: number };
}

export const defaults: Omit<Policy, 'columns' | 'models'> = {
  version: 1,
  otherColumns: 'refuse',
  method: { kind: 'full-domain', measure: 'loss', suppressionLimit: 0.05, suppressionWeight: 0.5 },
  missing: 'keep',
  suppressedRows: 'remove',
  rowOrder: 'kept',
  riskThreshold: 0.2,
};
