// How much noise does a training run need? A hospital wants to train on 60,000 records with batches of about 256, for 60 epochs, and
// to promise each patient ε ≤ 3 at δ = 10^-5. Then it asks what the run would have cost with a sampler that is not what it says, and
// how many more rounds are left. Last it draws: from the object that is charged, through the one ledger of its data.
//
// Prints: noise multiplier 0.968408
// Prints: Poisson batches: ε = 3.000 at δ = 0.00001, by contour
// Prints: the same noise, data shuffled once an epoch: ε = 65.303
// Prints: steps left for ε ≤ 4: 9584
// Prints: 14062 batches paid for, ε = 3.000; a batch and its noisy mean of 10 numbers; one batch more: budget-exhausted
import { tightestEpsilon } from '@sumus/differential-privacy/accountants';
import { Budget, History, Ledger, tightest } from '@sumus/differential-privacy/budget';
import { noiseFor, stepsWithin } from '@sumus/differential-privacy/inverse';
import { type Mechanism, under } from '@sumus/differential-privacy/mechanisms';
import { gaussianGrid, toGrid } from '@sumus/differential-privacy/noise';
import { ChargedSampler } from '@sumus/differential-privacy/sampling';
import { nodePrimitives } from '@sumus/platform/node';

const m = under({ adjacency: 'add-remove', unit: 'record' });
const epochs = 60;
const samplingRate = 256 / 60_000;
const steps = Math.floor(epochs / samplingRate);
const delta = 1e-5;

// One step: every record enters the batch by itself, its gradient is clipped, noise is added to the sum.
const step = (noiseMultiplier: number) => m.poissonSampled({ inner: m.gaussian({ noiseMultiplier }), samplingRate });

// The least noise that keeps the promise. What comes back has been accounted: it is on the safe side.
const found = noiseFor({ epsilon: 3, delta }, (noise) => [m.repetition({ inner: step(noise), count: steps })]);
if (found.kind === 'none') throw new Error(found.reason);
const noiseMultiplier = found.value;
console.log(`noise multiplier ${noiseMultiplier.toFixed(6)}`);

const spent = m.repetition({ inner: step(noiseMultiplier), count: steps });
const poisson = tightestEpsilon([spent], delta);
if (poisson.kind === 'refused') throw new Error(poisson.reason);
console.log(`Poisson batches: ε = ${poisson.epsilon.toFixed(3)} at δ = ${delta.toFixed(5)}, by ${poisson.accountant}`);

// The sampler is part of the mechanism. Batches cut from shuffled data put each record into one batch an epoch, for certain.
const shuffled = tightestEpsilon([m.shuffledBatches({ inner: m.gaussian({ noiseMultiplier }), epochs })], delta);
if (shuffled.kind === 'refused') throw new Error(shuffled.reason);
console.log(`the same noise, data shuffled once an epoch: ε = ${shuffled.epsilon.toFixed(3)}`);

// And what a larger promise would still allow, after all that was spent.
const left = stepsWithin({ epsilon: 4, delta }, step(noiseMultiplier), [spent]);
if (left.kind === 'none') throw new Error(left.reason);
console.log(`steps left for ε ≤ 4: ${left.value}`);

// The run. Whoever draws is charged for what is drawn: nothing else in the package gives a batch.
const { randomBytes, sha256 } = nodePrimitives();
const ward = { dataset: 'ward 7, 60,000 records', unit: 'record', adjacency: 'add-remove' } as const;
const history = History.begin<Mechanism>({ ...ward, parameters: 'fixed-in-advance' }, sha256);
const ledger = new Ledger(Budget.over(history, { epsilon: 3, delta }, tightest));
const sampler = new ChargedSampler({
  plan: { kind: 'poisson', recordCount: 60_000, rate: samplingRate },
  // A hair more noise than needed, for what rounding takes; gradients of ten numbers, clipped to length one.
  grid: gaussianGrid({ norm: 1, dimension: 10, granularity: 2 ** -12, noiseMultiplier: noiseMultiplier * (1 + 1e-9) }),
  adjacency: ward.adjacency,
  unit: ward.unit,
  ledger,
  source: { fill: (out) => out.set(randomBytes(out.length)) },
  note: 'calibrate-noise',
});
if (sampler.reserve(steps) !== undefined) throw new Error('the budget does not pay for this run');
const batch = sampler.next();
if (batch.kind === 'budget-exhausted') throw new Error('the budget is exhausted');
const sum = new Float64Array(10);
for (const _record of batch.indices) {
  // This record's gradient, clipped; here all are the same.
  const gradient = toGrid(sampler.grid, new Float64Array(10).fill(0.1));
  gradient.forEach((entry, k) => {
    sum[k] = (sum[k] ?? 0) + entry;
  });
}
const mean = batch.release(sum);
const more = ledger.charge({ mechanism: sampler.price, count: 1 });
console.log(
  `${steps} batches paid for, ε = ${sampler.budget.statement.epsilon.toFixed(3)}; a batch and its noisy mean of ${mean.length} numbers; one batch more: ${more?.kind ?? 'paid'}`,
);
