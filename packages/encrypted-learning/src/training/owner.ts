// The owner's side of an outsourced training: rows go out encrypted, block by block; what comes back is opened, looked at, and released
// to the owner or refused. The machine that trains has evaluation keys and ciphertexts and nothing else.
//
// Refused: rows that were not checked, or against larger bounds than the plan's; labels of another kind than the model's (who computes
// cannot see them); another number of rows than was planned. Refused at the
// opening, by name: a run whose margins left the interval at any step (where the circuit hands them out), weights beyond their bound,
// a result that does not decode under this key.

import {
  type Ciphertext,
  type CkksContext,
  ContentAboveDeclared,
  expand,
  type PublicKey,
  type SecretKey,
} from '@sumus/lattice/ckks';
import { inputsOf } from '../circuit/index.ts';
import { ParameterError } from '../errors.ts';
import { decryptOutput, encryptInput, encryptOwnInput } from '../execute/index.ts';
import { requireFits } from './descent.ts';
import { blockMagnitude, packedBlocks } from './packed-inputs.ts';
import { unpackWeights } from './packing.ts';
import { leftInterval, type Released } from './release.ts';
import { CheckedRows } from './rows.ts';
import { marginOutput, weightOutput } from './training-circuit.ts';
import type { TrainingPlan } from './training-plan.ts';

export type EncryptionKey = { readonly publicKey: PublicKey } | { readonly secretKey: SecretKey };

export interface EncryptedBlock {
  readonly name: string;
  readonly ciphertext: Ciphertext;
}

/** One block after another: rows may be many. */
export function* encryptRows(
  training: TrainingPlan,
  context: CkksContext,
  key: EncryptionKey,
  rows: CheckedRows,
): Generator<EncryptedBlock> {
  requirePlanned(training, rows);
  // A run shorter than a pass never reads some batches.
  const wanted = new Set(inputsOf(training.plan.circuit).map(({ name }) => name));
  for (const { name, values } of packedBlocks(rows, training.recipe, training.packing)) {
    if (!wanted.has(name)) continue;
    const ciphertext =
      'publicKey' in key
        ? encryptInput(training.plan, context, key.publicKey, name, values)
        : expand(encryptOwnInput(training.plan, context, key.secretKey, name, values));
    yield { name, ciphertext };
  }
}

function requirePlanned({ literal, recipe }: TrainingPlan, rows: CheckedRows): void {
  if (!CheckedRows.areChecked(rows)) throw new ParameterError('rows are checked before they are encrypted');
  requireFits(recipe, rows);
  if (literal.normBound !== undefined && rows.normBound > literal.normBound) {
    throw new ParameterError(
      `the plan is for rows up to B = ${literal.normBound}, these were checked against ${rows.normBound}`,
    );
  }
  if (rows.count !== literal.rowCount || rows.columns !== literal.columns) {
    throw new ParameterError(
      `the plan is for ${literal.rowCount} rows of ${literal.columns} columns, these are ${rows.count} of ${rows.columns}`,
    );
  }
  if (blockMagnitude(rows) > literal.featureBound) {
    throw new ParameterError(
      `the plan takes numbers up to ${literal.featureBound}, these rows were checked against ${blockMagnitude(rows)}`,
    );
  }
}

/** The weights, for the owner of the key and of all rows: no privacy is claimed of them. */
export function openWeights(
  training: TrainingPlan,
  secret: SecretKey,
  outputs: ReadonlyMap<string, Ciphertext>,
): Released {
  const { packing, plan, recipe } = training;
  const open = (name: string): Float64Array => {
    const output = outputs.get(name);
    if (output === undefined) throw new ParameterError(`the run handed out no ${name}`);
    return decryptOutput(plan, secret, output);
  };
  try {
    if (training.literal.watchMargins === true) {
      const left = leftInterval(recipe, watched(training, open));
      if (left !== undefined) return { kind: 'refused', code: 'interval-left', reason: left };
    }
    const blocks = Array.from({ length: packing.columnBlocks }, (_, k) => open(weightOutput(k)));
    const weights = unpackWeights(blocks, packing);
    const bound = weightBound(training);
    const worst = weights.findIndex((weight) => !(Math.abs(weight) <= bound));
    if (worst !== -1) {
      return {
        kind: 'refused',
        code: 'diverged',
        reason: `weight ${worst} lies beyond ±${bound}, which the plan was made for: the run diverged`,
      };
    }
    return { kind: 'released', weights, statement: null };
  } catch (error) {
    if (!(error instanceof ContentAboveDeclared)) throw error;
    return {
      kind: 'refused',
      code: 'diverged',
      reason: 'the result is larger than the circuit declares: the run diverged, or this is not its key',
    };
  }
}

export function weightBound({ literal, recipe }: TrainingPlan): number {
  return literal.weightBound ?? 4 * (recipe.activation?.interval ?? 1);
}

/** The largest |⟨v_t, x⟩| of every step; the first step's are zero. */
function watched({ recipe, packing, literal }: TrainingPlan, open: (name: string) => Float64Array): readonly number[] {
  const interval = recipe.activation?.interval ?? 1;
  const rowCount = recipe.batchSize ?? literal.rowCount;
  return recipe.steps.map((_, t) => {
    if (t === 0) return 0;
    let largest = 0;
    for (let r = 0; r < packing.rowBlocks; r += 1) {
      const values = open(marginOutput(t, r));
      for (let i = 0; i < packing.rowsPerBlock && r * packing.rowsPerBlock + i < rowCount; i += 1) {
        const margin = Math.abs(values[i * packing.stride]) * interval;
        if (!(margin <= largest)) largest = margin;
      }
    }
    return largest;
  });
}
