// Small secrets and errors as signed 32-bit integers, constant-time in what is drawn, from a stream that is read in pieces of a
// whole number of ChaCha20 blocks: the values depend on the stream alone.

import type { Engine } from '../engine/engine.ts';
import { ParameterError } from '../errors.ts';
import { type Distribution, requireDistribution } from '../parameters/distributions.ts';
import { ERROR_PRECISION, gaussianTable, loadTable, type Precision } from './discrete-gaussian.ts';
import type { RandomStream } from './random-stream.ts';
import { UniformWords } from './uniform.ts';

/** Values drawn per piece; a multiple of 256, so that every piece is whole ChaCha20 blocks. */
const PIECE_VALUES = 8192;
const TERNARY_WORD = 3 ** 20;
const TERNARY_GROUP = 80;

/** Writes `count` (a positive multiple of 16) values of the distribution as int32. `stream` is used from here on. */
export function sampleSmall(
  engine: Engine,
  stream: RandomStream,
  distribution: Distribution,
  address: number,
  count: number,
): void {
  requireCount(count);
  requireDistribution(distribution);
  switch (distribution.kind) {
    case 'ternary':
      sampleTernary(engine, stream, address, count);
      break;
    case 'centredBinomial':
      sampleCentredBinomial(engine, stream, address, count, distribution.eta);
      break;
    case 'discreteGaussian':
      sampleDiscreteGaussian(engine, stream, address, count, distribution.stddev, ERROR_PRECISION);
      break;
    default:
      distribution satisfies never;
  }
}

function requireCount(count: number): void {
  if (!Number.isSafeInteger(count) || count <= 0 || count % 16 !== 0) {
    throw new ParameterError(`samples are drawn in positive multiples of 16, not ${count}`);
  }
}

/** Exactly uniform in {−1, 0, 1}: words below 3^20, twenty digits each (kernels/sampling.ts says why rejection leaks nothing). */
function sampleTernary(engine: Engine, stream: RandomStream, address: number, count: number): void {
  const words = Math.ceil(count / TERNARY_GROUP) * 4;
  engine.memory.secretScope(() => {
    const kept = engine.memory.allocate(4 * words);
    new UniformWords(engine, stream, 6 * words).draw(kept, words, TERNARY_WORD);
    engine.sampling.ternaryDigits(address, kept, count);
  });
}

function sampleCentredBinomial(
  engine: Engine,
  stream: RandomStream,
  address: number,
  count: number,
  eta: number,
): void {
  const bytesOf = (values: number): number => Math.ceil(values / 64) * 16 * eta;
  inPieces(engine, stream, count, bytesOf, (random, first, values) =>
    engine.sampling.centredBinomial(address + 4 * first, random, values, eta),
  );
}

/** As the distribution of that kind, with a precision of choice (discrete-gaussian.ts). */
export function sampleDiscreteGaussian(
  engine: Engine,
  stream: RandomStream,
  address: number,
  count: number,
  stddev: number,
  precision: Precision,
): void {
  requireCount(count);
  const table = gaussianTable(stddev, precision);
  const { columns, planes } = table;
  engine.memory.scope(() => {
    const at = loadTable(engine.memory, table);
    inPieces(
      engine,
      stream,
      count,
      (values) => values * (planes + 1),
      (random, first, values) =>
        engine.sampling.sampleSymmetric(address + 4 * first, random, values, at, columns, planes),
    );
  });
}

/** Runs `draw` over pieces of the stream: keystream at `random` for `values` values, the first of which is number `first`. */
function inPieces(
  engine: Engine,
  stream: RandomStream,
  count: number,
  bytesOf: (values: number) => number,
  draw: (random: number, first: number, values: number) => void,
): void {
  engine.memory.secretScope(() => {
    const random = engine.memory.allocate(bytesOf(Math.min(count, PIECE_VALUES)));
    for (let first = 0; first < count; first += PIECE_VALUES) {
      const values = Math.min(PIECE_VALUES, count - first);
      stream.fill(engine.memory.u8(random, bytesOf(values)));
      draw(random, first, values);
    }
  });
}
