// The training as a circuit: all iterations, with refreshes where the chain is spent. The same recipe as descent.ts reads; both are
// compared in tests.
//
//   u_t = ⟨v_t, ±x/R⟩ per row;  w_{t+1} = (1 − γλ)v_t + (γ/n) Σ ±x·p(−R·u_t);  v_{t+1} = (1 + m)w_{t+1} − m·w_t
//
// The first margins are zero, so the first step is γ/n·p(0)·Σ ±x and takes one level. γ/n goes in before the sum ('before': into the
// rows; a level less) or after it ('after': for single-limb levels, whose rounding would drown numbers of size γ/n). The barrier takes
// ‖v‖² beside the margins. Projection is no part of a circuit: it needs iterates opened (consortium.ts).
//
// Refused: what training-circuit-request.ts refuses.

import type { ClipFactor } from '../approximation/clip-factor.ts';
import { type Circuit, type CircuitBuilder, circuit, type Wire } from '../circuit/index.ts';
import { clippedPairs } from './clipped-pairs.ts';
import { batchOf } from './descent.ts';
import { blockName, firstSlots, hasResidualBlocks, type Side } from './packing.ts';
import { leadingOf, marginPowers, residualPairs } from './residual-product.ts';
import { requireEncryptable, type TrainingCircuitRequest } from './training-circuit-request.ts';
import { residualPolynomial } from './training-depth.ts';

export type { LeaveOut, TrainingCircuitRequest } from './training-circuit-request.ts';

interface State {
  readonly w: readonly Wire[];
  readonly v: readonly Wire[];
}

export function trainingCircuit(request: TrainingCircuitRequest): Circuit {
  const { recipe, packing, rowCount } = request;
  requireEncryptable(request);
  const what = `${recipe.model.kind} regression, ${recipe.steps.length} iterations, ${rowCount} × ${packing.columns}`;
  return circuit(what, packing.slots, (c) => new TrainingWriter(c, request).write());
}

export const weightOutput = (columnBlock: number): string => `weights.${columnBlock}`;

/** The margins of a step over R, in the slots where rows begin. */
export const marginOutput = (step: number, rowBlock: number): string => `watched.${step}.${rowBlock}`;

class TrainingWriter {
  readonly #c: CircuitBuilder;
  readonly #request: TrainingCircuitRequest;
  readonly #inputs = new Map<string, Wire>();
  readonly #scaled = new Map<Wire, Map<number, Wire>>();
  readonly #mask: Float64Array;

  constructor(c: CircuitBuilder, request: TrainingCircuitRequest) {
    this.#c = c;
    this.#request = request;
    this.#mask = firstSlots(request.packing);
  }

  write(): void {
    const { recipe, refreshBefore = [], noiseShares = 0, noiseMagnitude = 1, spareLevels = 0, packing } = this.#request;
    const c = this.#c;
    let state: State | undefined;
    for (let t = 0; t < recipe.steps.length; t += 1) {
      const before = state;
      const refreshed =
        before !== undefined && refreshBefore.includes(t)
          ? c.section(`refresh before iteration ${t + 1}`, () => this.#refreshed(before))
          : before;
      state = c.section(`iteration ${t + 1}`, () => this.#iteration(t, refreshed));
    }
    for (let k = 0; k < packing.columnBlocks; k += 1) {
      const shares = Array.from({ length: noiseShares }, (_, i) =>
        c.input(`noise.${i}.${k}`, { magnitude: noiseMagnitude, packing: 'noise of privacy' }),
      );
      c.output(weightOutput(k), c.sum([(state as State).w[k], ...shares]), { spareLevels });
    }
  }

  #refreshed({ w, v }: State): State {
    const renewed = new Map<Wire, Wire>();
    const renew = (wire: Wire): Wire => {
      const made = renewed.get(wire) ?? this.#c.refresh(wire);
      renewed.set(wire, made);
      return made;
    };
    return { w: w.map(renew), v: v.map(renew) };
  }

  #iteration(t: number, state: State | undefined): State {
    const { recipe, packing, scaling = 'before', rowCount } = this.#request;
    const c = this.#c;
    const { rate, momentum } = recipe.steps[t];
    const range = batchOf(recipe, rowCount, t);
    const step = rate / (range.to - range.from - this.#leftOut());
    // 'before': the sum comes with (1 + m)γ/n, which is what v needs.
    const inRows = scaling === 'before' ? (1 + momentum) * step : 1;
    const sums = this.#gradientSums(t, state, inRows);
    // p(0) of a first step whose sum is multiplied afterwards anyway.
    const inSum = this.#constantAfter(state) ? this.#constant() : 1;
    const pull = 1 - rate * recipe.ridge;
    const barrier = state === undefined ? undefined : this.#barrier(state.v, rate);
    const w: Wire[] = [];
    const v: Wire[] = [];
    for (let k = 0; k < packing.columnBlocks; k += 1) {
      const target = this.#targetSlot(k);
      const settled = (sum: Wire, factorOfSum: number, shareOfV: number, shareOfW: number): Wire => {
        const terms = [
          ...(scaling === 'after' || factorOfSum !== 1 ? [{ value: sum, factor: factorOfSum }] : []),
          ...(state === undefined || shareOfV === 0 ? [] : [{ value: state.v[k], factor: shareOfV * pull }]),
          ...(state === undefined || barrier === undefined || shareOfV === 0
            ? []
            : [{ value: barrier[k], factor: -shareOfV }]),
          ...(state === undefined || shareOfW === 0 ? [] : [{ value: state.w[k], factor: shareOfW }]),
        ];
        const moved = terms.length === 0 ? undefined : c.combination(terms);
        const whole =
          scaling === 'after' || factorOfSum !== 1 ? (moved ?? sum) : moved === undefined ? sum : c.add(moved, sum);
        // The target's weight is −1 for ever: what the first step lacks, and what the ridge would take.
        const missing = state === undefined ? -1 : -(shareOfV * (1 - pull));
        const restored =
          target === undefined || missing === 0
            ? whole
            : c.addPlain(
                whole,
                target.map((one) => one * missing),
              );
        return c.declare(restored, this.#weightBound(), 'weights beyond it belong to a run that has diverged');
      };
      const vFactor = scaling === 'after' ? (1 + momentum) * step * inSum : 1;
      const wFactor = scaling === 'after' ? step * inSum : 1 / (1 + momentum);
      const moved = settled(sums[k], vFactor, 1 + momentum, -momentum);
      v.push(moved);
      w.push(momentum === 0 ? moved : settled(sums[k], wFactor, 1, 0));
    }
    return { w, v };
  }

  /** p(0), for rows as they are in the residuals' blocks. */
  #constant(): number {
    return (this.#request.recipe.activation?.coefficients[0] ?? 1) * this.#residualScale();
  }

  #constantAfter(state: State | undefined): boolean {
    return this.#request.scaling === 'after' && state === undefined && this.#request.recipe.activation !== undefined;
  }

  #weightBound(): number {
    return this.#request.weightBound ?? 4 * (this.#request.recipe.activation?.interval ?? 1);
  }

  /** Σ over rows of ±x·p(−R·u), times `inRows`, in every row of every column block. */
  #gradientSums(t: number, state: State | undefined, inRows: number): readonly Wire[] {
    const { recipe, packing, featureBound } = this.#request;
    const c = this.#c;
    const { rowBlocks, columnBlocks, rowsPerBlock, stride, width, doubled } = packing;
    const blocks = Array.from({ length: rowBlocks }, (_, r) => r);
    const polynomial = residualPolynomial(recipe);
    const scale = recipe.activation?.interval ?? 1;
    const margins =
      state === undefined && polynomial !== undefined ? undefined : blocks.map((r) => this.#margin(t, r, state));
    if (this.#request.watchMargins === true && polynomial !== undefined) {
      margins?.forEach((margin, r) => {
        c.output(marginOutput(t, r), margin);
      });
    }
    const { clip } = this.#request;
    if (clip !== undefined) return this.#clippedSums(t, margins, inRows, clip);
    const powers = polynomial === undefined ? undefined : margins?.map((margin) => marginPowers(c, margin, polynomial));
    const bound = rowBlocks * featureBound * inRows * (recipe.activation === undefined ? scale * 4 : 1.5);
    return Array.from({ length: columnBlocks }, (_, k) => {
      const parts: Wire[] = [];
      if (polynomial !== undefined) {
        const constant = this.#constantAfter(state) ? 1 : this.#constant() * inRows;
        parts.push(
          c.combination(
            blocks.map((r) => ({ value: this.#block('residuals', t, r, k), factor: this.#kept(constant, r) })),
          ),
        );
      }
      if (polynomial !== undefined && powers !== undefined) {
        const factor = leadingOf(polynomial) * inRows * this.#residualScale();
        const pairs = powers.flatMap((power, r) =>
          residualPairs(c, power, this.#times(this.#block('residuals', t, r, k), factor, r), polynomial),
        );
        parts.push(c.declare(c.sumOfProducts(pairs), bound, 'rows are empty where margins are not sums of one row'));
      }
      if (polynomial === undefined && margins !== undefined) {
        const pairs = margins.map(
          (margin, r) => [this.#times(this.#block('residuals', t, r, k), -inRows, r), margin] as const,
        );
        parts.push(c.sumOfProducts(pairs));
      }
      const sum = c.innerSum(c.sum(parts), rowsPerBlock, stride);
      return doubled ? c.add(sum, c.rotate(sum, -width)) : sum;
    });
  }

  /** The same of clipped rows. */
  #clippedSums(t: number, margins: readonly Wire[] | undefined, inRows: number, clip: ClipFactor): readonly Wire[] {
    const { recipe, packing } = this.#request;
    const c = this.#c;
    const { rowBlocks, columnBlocks, rowsPerBlock, stride } = packing;
    const scale = recipe.activation?.interval ?? 1;
    const polynomial = (recipe.activation?.coefficients ?? []).map((a, i) => a * (-scale) ** i);
    const columns = Array.from({ length: columnBlocks }, (_, k) => k);
    const rows = Array.from({ length: rowBlocks }, (_, r) => {
      const blocks = columns.map((k) => this.#block('margins', t, r, k));
      const square = this.#overColumns(c.sumOfProducts(blocks.map((one) => [one, one] as const)));
      return { margin: margins?.[r], square, squareScale: scale * scale };
    });
    return columns.map((k) => {
      const pairs = rows.flatMap((row, r) =>
        clippedPairs(
          c,
          row,
          this.#times(this.#block('residuals', t, r, k), inRows * this.#residualScale(), r),
          polynomial,
          clip,
        ),
      );
      return c.innerSum(c.sumOfProducts(pairs), rowsPerBlock, stride);
    });
  }

  /** Sums over a row's columns, in every slot of the row that is read again. */
  #overColumns(product: Wire): Wire {
    const { width, doubled } = this.#request.packing;
    const summed = this.#c.innerSum(product, width, 1);
    return doubled ? summed : this.#c.innerSum(this.#c.multiplyPlain(summed, this.#mask), width, -1);
  }

  /** u = ⟨v, ±x/R⟩, in every slot of the row that is read again. */
  #margin(t: number, r: number, state: State | undefined): Wire {
    const { packing } = this.#request;
    const c = this.#c;
    const { columnBlocks, doubled } = packing;
    const columns = Array.from({ length: columnBlocks }, (_, k) => k);
    const product =
      state === undefined
        ? c.combination(
            columns.map((k) => ({
              value: this.#block('margins', t, r, k),
              factor: this.#targetSlot(k)?.map((one) => -one) ?? 0,
            })),
          )
        : c.sumOfProducts(columns.map((k) => [this.#block('margins', t, r, k), state.v[k]] as const));
    const margin = this.#overColumns(product);
    return this.#request.recipe.activation === undefined
      ? margin
      : c.declare(
          margin,
          doubled ? 2 : 1,
          'a margin beyond R has left the interval, and the run is refused when opened',
        );
  }

  /** κγ/R_w²·‖v‖²·v: ‖v‖² stands in every slot, because v repeats itself in every row. */
  #barrier(v: readonly Wire[], rate: number): readonly Wire[] | undefined {
    const { recipe, packing } = this.#request;
    const { barrier } = recipe;
    if (barrier === undefined || barrier.strength === 0) return undefined;
    const c = this.#c;
    const square = c.innerSum(c.sumOfProducts(v.map((one) => [one, one] as const)), packing.width, 1);
    const factor = (rate * barrier.strength) / barrier.radius ** 2;
    return v.map((one) => c.multiply(c.multiplyPlain(square, factor), one));
  }

  /** 1 where a linear model's target has its weight, if this block has it. */
  #targetSlot(k: number): Float64Array | undefined {
    const { columns, packedColumns, width, slots } = this.#request.packing;
    if (packedColumns === columns || Math.floor(columns / width) !== k) return undefined;
    return Float64Array.from({ length: slots }, (_, slot) => (slot % width === columns % width ? 1 : 0));
  }

  /** Residuals multiply ±x; where they have no block of their own, the margins' ±x/R has to be made up for. */
  #residualScale(): number {
    return hasResidualBlocks(this.#request.packing) ? 1 : (this.#request.recipe.activation?.interval ?? 1);
  }

  /** How many rows are left out. */
  #leftOut(): number {
    const { leaveOut, rowCount } = this.#request;
    return leaveOut === undefined ? 0 : Math.ceil((rowCount - leaveOut.index) / leaveOut.count);
  }

  /** A factor for the rows of a block that are trained on, 0 for those that are left out. */
  #kept(factor: number, rowBlock: number): number | Float64Array {
    const { leaveOut, packing } = this.#request;
    if (leaveOut === undefined) return factor;
    const first = rowBlock * packing.rowsPerBlock;
    return Float64Array.from({ length: packing.slots }, (_, slot) =>
      (first + Math.floor(slot / packing.stride)) % leaveOut.count === leaveOut.index ? 0 : factor,
    );
  }

  #times(wire: Wire, factor: number, rowBlock: number): Wire {
    const known = this.#scaled.get(wire) ?? new Map<number, Wire>();
    this.#scaled.set(wire, known);
    const made = known.get(factor) ?? this.#c.multiplyPlain(wire, this.#kept(factor, rowBlock));
    known.set(factor, made);
    return made;
  }

  #block(wanted: Side, t: number, r: number, k: number): Wire {
    const { packing, recipe, rowCount, featureBound } = this.#request;
    const side = hasResidualBlocks(packing) ? wanted : 'margins';
    const batches = recipe.batchSize === undefined ? 1 : Math.floor(rowCount / recipe.batchSize);
    const name = blockName(side, t % batches, r, k);
    const scale = side === 'margins' ? (recipe.activation?.interval ?? 1) : 1;
    const made =
      this.#inputs.get(name) ??
      this.#c.input(name, {
        magnitude: featureBound / scale,
        packing: `${packing.rowsPerBlock} rows of ${packing.width} columns${packing.doubled && side === 'margins' ? ', twice side by side' : ''}`,
      });
    this.#inputs.set(name, made);
    return made;
  }
}
