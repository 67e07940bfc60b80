// sumus budget noise and steps: the least noise, or the most steps, that keep an ε. What is printed was accounted and keeps it.
import { type Inverse, noiseFor, stepsWithin, type Target } from '@sumus/differential-privacy/inverse';
import { BadNews, UsageError } from '../command.ts';
import { printJson } from '../print.ts';
import { formatted, printTable } from './budget-epsilon.ts';
import { accountantOf, asTyped, numberOf, type RunOptions, runOf } from './budget-options.ts';

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
    const account = accountantOf(options);
    const found = noiseFor(target, (noise) => run.repeated(run.step(noise), steps), { low: 0.02, high: 1e5 }, account);
    if (options.json) printJson(asJson('noiseMultiplier', found));
    else if (found.kind === 'found') {
      printTable(run.repeated(run.step(found.value), steps), run.delta);
      process.stdout.write(
        `\nA noise multiplier of ${roundedUp(found.value)} keeps ε ≤ ${target.epsilon} at δ = ${run.delta} over ${steps} steps.\n`,
      );
    } else process.stdout.write(`No noise multiplier does it: ${found.reason}.\n`);
    if (found.kind === 'none') throw new BadNews(found.reason);
  });
}

export function tellSteps(options: RunOptions): void {
  asTyped(() => {
    const run = runOf(options);
    const target = targetOf(options, run.delta);
    const step = run.step(numberOf('--noise-multiplier', options.noiseMultiplier));
    const found = stepsWithin(target, step, [], 10_000_000, accountantOf(options));
    if (options.json) printJson(asJson('steps', found));
    else if (found.kind === 'found') {
      printTable(run.repeated(step, found.value), run.delta);
      process.stdout.write(
        `\n${found.value} steps keep ε ≤ ${target.epsilon} at δ = ${run.delta}; they cost ${formatted(found.bound.epsilon)}.\n`,
      );
    } else process.stdout.write(`Not one step: ${found.reason}.\n`);
    if (found.kind === 'none') throw new BadNews(found.reason);
  });
}

function asJson(name: 'noiseMultiplier' | 'steps', found: Inverse): unknown {
  if (found.kind === 'none') return { [name]: null, reason: found.reason };
  const { epsilon, delta, accountant, adjacency, unit } = found.bound;
  return { [name]: found.value, epsilon, delta, accountant, adjacency, unit };
}

/** Noise is rounded up, so that the printed one keeps the target as well. */
function roundedUp(noise: number): string {
  const digits = 10 ** (Math.floor(Math.log10(noise)) - 6);
  return String(Number((Math.ceil(noise / digits) * digits).toPrecision(7)));
}
