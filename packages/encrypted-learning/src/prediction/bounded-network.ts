// The same network with other units, so that no number in it exceeds 1 whatever the example: encrypted numbers that grew beyond what
// their modulus holds would wrap around, and nobody would see it.
//
// Bounds are interval arithmetic: Σ|w|·bound + |b| a row. They hold for every input within `inputMagnitude` and are far above
// what examples reach; the distance is paid in precision (log2 of `outputFactor` says how much of it), not in safety.
// A unit before a square has a factor of its own: z = y/M, z² = y²/M², and the next map's column takes M². Before any other polynomial the
// units of a layer share one factor, p(y) = P·p̃(y/M) with the coefficients of p̃ being c_k·M^k/P.

import { ParameterError } from '../errors.ts';
import { largestOutputs, scaled, withRows } from './affine-map.ts';
import type { PolynomialNetwork, Stage } from './polynomial-network.ts';

export interface BoundedNetwork extends PolynomialNetwork {
  readonly inputMagnitude: number;
  /** The outputs of the network it was made from are outputFactor times these. */
  readonly outputFactor: number;
}

export function boundedNetwork(network: PolynomialNetwork, inputMagnitude: number = 1): BoundedNetwork {
  if (!(inputMagnitude > 0) || !Number.isFinite(inputMagnitude)) {
    throw new ParameterError(`an input magnitude of ${inputMagnitude} is not a positive number`);
  }
  const { inputs, outputs, stages } = network;
  const bounded: Stage[] = [];
  let bounds = new Float64Array(inputs).fill(inputMagnitude);
  /** The network's number is units[i] times the bounded one. */
  let units = new Float64Array(inputs).fill(1);
  const read = whatIsRead(stages);
  read.forEach((stage, at) => {
    if (stage.kind === 'affine') {
      const inUnits = scaled(stage.map, { columns: units });
      const largest = largestOutputs(inUnits, bounds).map((y) => (y === 0 ? 1 : y));
      const next = read[at + 1];
      const own = next?.kind === 'polynomial' && isSquare(next.coefficients);
      units = own ? largest : largest.fill(Math.max(...largest));
      bounds = new Float64Array(units.length).fill(1);
      const rows = units.map((unit) => 1 / unit);
      bounded.push({ ...stage, map: scaled(inUnits, { rows }) });
    } else if (isSquare(stage.coefficients)) {
      units = units.map((unit) => unit * unit);
      bounded.push(stage);
    } else {
      const inUnits = stage.coefficients.map((c, power) => c * units[0] ** power);
      const largest = inUnits.reduce((sum, c) => sum + Math.abs(c), 0);
      units = units.fill(largest);
      bounded.push({ kind: 'polynomial', coefficients: inUnits.map((c) => c / largest) });
    }
  });
  return Object.freeze({ inputs, outputs, stages: bounded, inputMagnitude, outputFactor: units[0] });
}

/** Units that no later map reads (a pool whose steps are longer than its window passes some by) are not computed, nor what only they read. */
function whatIsRead(stages: readonly Stage[]): readonly Stage[] {
  const kept: Stage[] = [];
  let read: ReadonlySet<number> | undefined;
  for (const stage of stages.toReversed()) {
    if (stage.kind === 'polynomial') {
      kept.push(stage);
      continue;
    }
    const map = read === undefined ? stage.map : withRows(stage.map, read);
    read = new Set(map.columns);
    kept.push({ ...stage, map });
  }
  return kept.reverse();
}

/** The bits of precision that a plan must have, for outputs whose error has at most this deviation in the network's own units. */
export function precisionBitsFor({ outputFactor }: BoundedNetwork, outputError: number): number {
  if (!(outputError > 0)) throw new ParameterError(`an output error of ${outputError} is not a positive number`);
  return Math.log2(outputFactor) - Math.log2(outputError);
}

/**
 * The bound that encrypted weights are declared with: a power of two above all of a layer's, so that everybody learns how large its largest
 * weight is to within a factor of two, and nothing else. A bound of 1 would hide that too and cost the bits in between.
 */
export function declaredBound(values: Iterable<number>): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest === 0 ? 1 : 2 ** Math.ceil(Math.log2(largest));
}

export function isSquare(coefficients: readonly number[]): boolean {
  return coefficients.length === 3 && coefficients[0] === 0 && coefficients[1] === 0 && coefficients[2] === 1;
}
