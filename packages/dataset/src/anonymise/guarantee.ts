// The last gate: what is about to leave is checked from its texts alone, and does not leave if it breaks a model.
import { type Checked, type Violation, violationsOf } from '../check/check.ts';
import { anything } from '../hierarchies/built.ts';
import { nameOfModel } from '../models/model.ts';
import type { Policy } from '../policy/policy.ts';
import type { Prepared } from './prepare.ts';
import type { Release } from './release.ts';

/** The checker found what the algorithm must not do; nothing is released. */
export class GuaranteeBroken extends Error {
  override readonly name = 'GuaranteeBroken';
  readonly code = 'E_GUARANTEE';
  readonly violations: readonly Violation[];

  constructor(violations: readonly Violation[]) {
    const [first] = violations;
    super(`${violations.length} classes break the models, first of ${nameOfModel(first.model)}: ${first.reason}`);
    this.violations = violations;
  }
}

export interface Leaving {
  readonly prepared: Prepared;
  readonly policy: Policy;
  readonly release: Release;
  readonly reference: NonNullable<Checked['reference']>;
  readonly populationOf: ((texts: readonly string[]) => number) | undefined;
}

/** Checks what leaves. */
export function requireGuarantee(leaving: Leaving): void {
  const violations = brokenBy(leaving, false);
  if (violations.length > 0) throw new GuaranteeBroken(violations);
}

/**
 * Rows that say `*` throughout are a class like any other: whoever knows a person in the table and finds no other class for them
 * has found the masked rows. They stay only where that class satisfies every model. How many people of a population it stands
 * for, nobody can say.
 */
export function maskedRowsMayStay(leaving: Leaving): boolean {
  const { policy, release, populationOf } = leaving;
  if (policy.suppressedRows !== 'mask' || release.suppressedRows === 0 || populationOf !== undefined) return false;
  return brokenBy(leaving, true).length === 0;
}

function brokenBy({ prepared, policy, release, reference, populationOf }: Leaving, withMasked: boolean): Violation[] {
  const rows: string[][] = [];
  for (let row = 0; row < release.rowCount; row += 1) {
    const masked = release.suppressed[row] === 1;
    if (masked && !withMasked) continue;
    const texts = release.columns.map(({ labels, codes }) => (masked ? anything : labels[codes[row]]));
    for (const { labels, codes } of prepared.sensitive) texts.push(labels[codes[row]]);
    rows.push(texts);
  }
  return violationsOf({
    columns: [...prepared.quasiNames, ...prepared.sensitive.map(({ name }) => name)],
    rows,
    quasiIdentifiers: prepared.quasiNames,
    models: policy.models,
    reference,
    orders: Object.fromEntries(prepared.sensitive.map(({ name, labels }) => [name, labels])),
    trees: Object.fromEntries(
      prepared.sensitive.flatMap(({ name, tree }) => {
        if (tree === undefined) return [];
        const { labels, codes } = tree.hierarchy;
        return [[name, labels[0].map((_, base) => codes.map((own, level) => labels[level][own[base]]))]];
      }),
    ),
    ...(populationOf && { populationOf }),
  });
}
