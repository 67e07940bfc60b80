// sumus budget noise and steps: the least noise, or the most steps, that keep an ε. What is printed was accounted and keeps it; where
// the search ended before the answer did, that is said.
import { type Inverse, noiseFor, stepsWithin, type Target } from '@sumus/differential-privacy/inverse';
import { BadNews, UsageError } from '../command.ts';
import { printJson } from '../print.ts';
import { formatted, printTable } from './budget-epsilon.ts';
import { accountantOf, asTyped, NOTHING_RELEASED, noteOf, numberOf, type RunOptions, runOf } from './budget-options.ts';

const MOST_NOISE = 1e5;
const MOST_STEPS = 10_000_000;

function targetOf(options: RunOptions, delta: number): Target {
  const epsilon = numberOf('--epsilon', options.epsilon);
  if (!(epsilon > 0)) throw new UsageError(`--epsilon must be above zero, not ${epsilon}`);
  if (options.accountant === 'gdp')
    throw new UsageError('--accountant gdp is no bound: nothing may be calibrated by it');
  return { epsilon, delta };
}

export function tellNoise(options: RunOptions): void {
  asTyped(() => {
    const run = runOf(options);
    const target = targetOf(options, run.delta);
    const steps = numberOf('--steps', options.steps);
    const range = { low: run.leastNoise, high: MOST_NOISE };
    const found = noiseFor(target, (noise) => run.repeated(run.step(noise), steps), range, accountantOf(options, run));
    // At the end of the range: less noise may do as well, and is not tried.
    const atMost = found.kind === 'found' && found.value <= range.low;
    if (options.json) printJson({ ...asJson('noiseMultiplier', found, { atMost }), ...noteOf(run) });
    else if (found.kind === 'none') say(`No noise multiplier up to ${MOST_NOISE} does it: ${found.reason}.`);
    else if (run.samplingRate === 0) say(`Any noise keeps ε = 0 at δ = ${run.delta}: ${NOTHING_RELEASED}.`);
    else {
      printTable(run.repeated(run.step(found.value), steps), run.delta);
      // Rounded up, so that the printed one keeps the target as well.
      const noise = formatted(found.value, 'up', 7);
      const less = atMost ? ' Less may do as well: no smaller one was tried.' : '';
      say(
        `\nA noise multiplier of ${noise} keeps ε ≤ ${target.epsilon} at δ = ${run.delta} over ${steps} steps.${less}`,
      );
    }
    if (found.kind === 'none') throw new BadNews(found.reason);
  });
}

export function tellSteps(options: RunOptions): void {
  asTyped(() => {
    const run = runOf(options);
    const target = targetOf(options, run.delta);
    const step = run.step(numberOf('--noise-multiplier', options.noiseMultiplier));
    const found = stepsWithin(target, step, [], MOST_STEPS, accountantOf(options, run));
    // At the end of the search: more steps may do as well, and are not tried.
    const atLeast = found.kind === 'found' && found.value >= MOST_STEPS;
    if (options.json) printJson({ ...asJson('steps', found, { atLeast }), ...noteOf(run) });
    else if (found.kind === 'none') say(`Not one step: ${found.reason}.`);
    else if (run.samplingRate === 0) say(`Any number of steps keeps ε = 0 at δ = ${run.delta}: ${NOTHING_RELEASED}.`);
    else {
      printTable(run.repeated(step, found.value), run.delta);
      const count = atLeast ? `At least ${found.value} steps (no more were tried)` : `${found.value} steps`;
      say(`\n${count} keep ε ≤ ${target.epsilon} at δ = ${run.delta}; they cost ${formatted(found.bound.epsilon)}.`);
    }
    if (found.kind === 'none') throw new BadNews(found.reason);
  });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function asJson(name: 'noiseMultiplier' | 'steps', found: Inverse, end: Readonly<Record<string, boolean>>): object {
  if (found.kind === 'none') return { [name]: null, reason: found.reason };
  const { epsilon, delta, accountant, adjacency, unit } = found.bound;
  return { [name]: found.value, ...end, epsilon, delta, accountant, adjacency, unit };
}
