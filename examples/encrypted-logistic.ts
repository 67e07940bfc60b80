// A clinic has a model trained on its patients' rows by a machine that cannot read them.
//
// The clinic says how many rows it has and what is to be done; both sides work out the same circuit and parameters from that. The clinic
// makes the keys, checks and encrypts the rows; the machine runs gradient descent on ciphertexts and sends spent ones back for
// new levels, where the clinic looks whether the run still holds; only the clinic opens the weights. The same steps are taken in the clear
// beside it. Then the clinic lets a model out into the world, with noise for which a statement says what it hides.
//
// Prints: the encrypted run decides as the one in the clear on all 300 rows
// Prints: the statement holds

import { ckksExecutor, evaluationKeys } from '@sumus/encrypted-learning/execute';
import { explain } from '@sumus/encrypted-learning/parameters';
import { ownerRefresh } from '@sumus/encrypted-learning/refresh';
import {
  checkRows,
  descend,
  descendPrivately,
  encryptRows,
  guarantee,
  margins,
  openWeights,
  planTraining,
  type RecipeLiteral,
  recheckStatement,
  recipe,
  releaseWithStatement,
  watchingRefresher,
} from '@sumus/encrypted-learning/training';
import { type Ciphertext, ckksContext, secretKey } from '@sumus/lattice/ckks';
import { wasmEngine } from '@sumus/lattice/engine';
import { nodePrimitives } from '@sumus/platform/node';

// The clinic's rows: five measurements and a constant 1, no row longer than 1. Nobody can check that once they are encrypted.
const COLUMNS = 6;
const rows = checkRows({ ...patients(300), columns: COLUMNS, normBound: 1, labelSet: 'binary' });

// What both sides know.
const training = planTraining({
  recipe: {
    model: { kind: 'logistic', activation: { degree: 5 } },
    iterations: 4,
    learningRate: { kind: 'harmonic', first: 20 },
    optimiser: 'nesterov',
  },
  rowCount: rows.count,
  columns: COLUMNS,
  featureBound: 1,
  encryptedWith: 'secret key',
  watchMargins: true,
  refresh: ownerRefresh,
  levelsBetweenRefreshes: 5,
});
console.log(explain(training.plan));

// The clinic: a secret key, which stays, and evaluation keys, which travel with the encrypted rows.
const lattice = { engine: await wasmEngine(), primitives: nodePrimitives() };
const context = ckksContext(lattice, training.plan.parameters);
const secret = secretKey(context);
const keys = evaluationKeys(training.plan, context, secret);
const sent = new Map<string, Ciphertext>();
for (const { name, ciphertext } of encryptRows(training, context, { secretKey: secret }, rows))
  sent.set(name, ciphertext);

// The machine: the plan, the keys, the ciphertexts, and the clinic's refresher at the other end of a line.
const executor = ckksExecutor(training.plan, context, keys, {
  refresher: watchingRefresher(training, context, secret),
});
const outputs = await executor.run({ encrypted: (name) => sent.get(name) ?? missing(name) });

// The clinic again.
const opened = openWeights(training, secret, outputs);
if (opened.kind === 'refused') throw new Error(opened.reason);
const clear = descend(rows, training.recipe).weights;
const [hidden, open] = [margins(rows, opened.weights), margins(rows, clear)];
const alike = hidden.reduce((count, z, i) => count + (z > 0 === (open[i] ?? Number.NaN) > 0 ? 1 : 0), 0);
const right = hidden.reduce((count, z, i) => count + (z > 0 === (rows.labels[i] === 1) ? 1 : 0), 0);
console.log(
  `weights ${[...opened.weights].map((weight) => weight.toFixed(3)).join(', ')}; ${((100 * right) / rows.count).toFixed(1)} % right`,
);
console.log(
  alike === rows.count
    ? `the encrypted run decides as the one in the clear on all ${alike} rows`
    : `THE RUNS DECIDE ALIKE ON ${alike} ROWS ONLY`,
);
secret.wipe();

// What may leave the clinic: weights held to the ball on which every gradient is bounded, noise on every step, and the statement.
const released: RecipeLiteral = {
  model: { kind: 'logistic', activation: { degree: 7 } },
  iterations: 16,
  learningRate: { kind: 'constant', rate: 8 },
  projectionRadius: 7.99,
};
const bound = guarantee({
  recipe: recipe(released),
  rowCount: rows.count,
  columns: COLUMNS,
  normBound: 1,
  adjacency: 'replace-one',
  epsilon: 4,
  delta: 1e-5,
});
if (bound.kind === 'refused') throw new Error(bound.reason);
const source = { fill: (out: Uint8Array): void => out.set(lattice.primitives.randomBytes(out.length)) };
const model = releaseWithStatement(descendPrivately(rows, bound.guarantee, source), released);
if (model.kind === 'refused' || model.statement === null) throw new Error('nothing was released');
console.log(
  `σ = ${model.statement.noiseMultiplier.toFixed(2)} Δ in each of ${released.iterations} steps for ε = ${model.statement.epsilon}`,
);
console.log(recheckStatement(model.statement).kind === 'holds' ? 'the statement holds' : 'THE STATEMENT DOES NOT HOLD');
process.exitCode = alike === rows.count ? 0 : 1;

function missing(name: string): never {
  throw new Error(`no block ${name}`);
}

/** Made-up measurements, always the same; a hidden rule with some noise makes the labels. */
function patients(count: number): { readonly features: Float64Array; readonly labels: Float64Array } {
  let state = 1;
  const next = (): number => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const features = new Float64Array(count * COLUMNS);
  const labels = new Float64Array(count);
  for (let i = 0; i < count; i += 1) {
    const row = Float64Array.from({ length: COLUMNS }, (_, j) => (j === COLUMNS - 1 ? 1 : next()));
    const rule = 2 * (row[0] ?? 0) - 1.5 * (row[2] ?? 0) + (row[4] ?? 0) - 0.7 + 0.6 * (next() - 0.5);
    const norm = Math.hypot(...row) * (1 + 1e-12);
    row.forEach((value, j) => {
      features[i * COLUMNS + j] = value / norm;
    });
    labels[i] = rule > 0 ? 1 : 0;
  }
  return { features, labels };
}
