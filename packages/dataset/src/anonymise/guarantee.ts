// The last gate: what is about to leave is checked from its texts alone, and does not leave if it breaks a model.
import { type Checked, type Violation, violationsOf } from '../check/check.ts';
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

/** Checks what leaves, before noise on sensitive columns: models are about the values as they were. */
export function requireGuarantee(
  prepared: Prepared,
  policy: Policy,
  release: Release,
  reference: NonNullable<Checked['reference']>,
  populationOf: ((texts: readonly string[]) => number) | undefined,
): void {
  const rows: string[][] = [];
  for (let row = 0; row < release.rowCount; row += 1) {
    if (release.suppressed[row] === 1) continue;
    const texts = release.columns.map(({ labels, codes }) => labels[codes[row]]);
    for (const { labels, codes } of prepared.sensitive) texts.push(labels[codes[row]]);
    rows.push(texts);
  }
  const violations = violationsOf({
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
  if (violations.length > 0) throw new GuaranteeBroken(violations);
}
