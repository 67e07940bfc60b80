// sumus budget epsilon: all accountants side by side, what the bound means in one sentence, and ε against the steps.
import {
  type Answer,
  concentratedEpsilon,
  exactEpsilon,
  gaussianApproximation,
  type History,
  renyiEpsilon,
} from '@sumus/differential-privacy/accountants';
import { BadNews } from '../command.ts';
import { printColumns, printJson } from '../print.ts';
import {
  accountantOf,
  asTyped,
  NOTHING_RELEASED,
  noteOf,
  numberOf,
  type Run,
  type RunOptions,
  runOf,
} from './budget-options.ts';

export function tellEpsilon(options: RunOptions): void {
  asTyped(() => {
    const run = runOf(options);
    const steps = numberOf('--steps', options.steps);
    const step = run.step(numberOf('--noise-multiplier', options.noiseMultiplier));
    const history = run.repeated(step, steps);
    const account = accountantOf(options, run);
    const answer = account(history, run.delta);
    if (options.json) printJson({ ...answer, samplingRate: run.samplingRate, steps, ...noteOf(run) });
    else if (run.samplingRate === 0) process.stdout.write(`ε = 0 at δ = ${run.delta}: ${NOTHING_RELEASED}.\n`);
    else {
      printTable(history, run.delta);
      process.stdout.write(`\n${sentence(answer, run)}\n`);
      if (answer.kind === 'bound' && steps > 1) {
        const curve = curveOf(steps, (count) => account(run.repeated(step, count), run.delta));
        const picture = plot(curve, process.stdout.columns);
        if (picture !== '') process.stdout.write(`\n${picture}\n`);
      }
    }
    if (answer.kind === 'refused') throw new BadNews(answer.reason);
  });
}

export function printTable(history: History, delta: number): void {
  const answers: readonly (readonly [string, Answer])[] = [
    ['exact (whole loss: formula, contour or grid)', exactEpsilon(history, delta)],
    ['rdp (Rényi moments)', renyiEpsilon(history, delta)],
    ['zcdp (concentrated)', concentratedEpsilon(history, delta)],
    ['gdp (central limit theorem)', gaussianApproximation(history, delta)],
  ];
  printColumns([['accountant', 'ε', ''], ...answers.map(([name, answer]) => [name, ...cells(answer)])]);
}

function cells(answer: Answer): [string, string] {
  if (answer.kind === 'refused') return ['—', answer.reason];
  if (!answer.sound) return [formatted(answer.epsilon), 'an approximation, no bound: for comparison only'];
  const lower = answer.lower === null ? '' : `; the true ε is at least ${formatted(answer.lower, 'down')}`;
  return [formatted(answer.epsilon), `by ${answer.accountant}${lower}`];
}

/** So many digits, rounded up (or down for a lower bound): a printed bound is a bound. */
export function formatted(value: number, direction: 'up' | 'down' = 'up', digits = 6): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const near = Number(value.toPrecision(digits));
  if (direction === 'up' ? near >= value : near <= value) return String(near);
  // One unit of the last digit further; the text of it, for a sum of doubles may have digits of its own.
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(near))) - digits + 1);
  return String(Number((direction === 'up' ? near + unit : near - unit).toPrecision(digits)));
}

const differences: Readonly<Record<Run['adjacency'], string>> = {
  'add-remove': 'whether any one record is in the data or not',
  'replace-one': 'whatever any one record is replaced by',
  'zero-out': "whether any one record's contribution is there or zero",
};

function sentence(answer: Answer, run: Run): string {
  if (answer.kind === 'refused') return `No ε: ${answer.reason}.`;
  const claim = answer.sound ? 'changes' : 'would change, if the approximation were right (it is no bound),';
  const factor = Math.exp(answer.epsilon);
  const by = factor < 1e6 ? `${formatted(factor)}` : `e^${formatted(answer.epsilon)}`;
  return `ε = ${formatted(answer.epsilon)} at δ = ${run.delta}: ${differences[run.adjacency]} ${claim} the probability of anything seen in the output by a factor of at most ${by}, but for a probability of ${run.delta}.`;
}

interface Point {
  readonly steps: number;
  readonly epsilon: number;
}

/** Of the picture itself; a narrower terminal gets a narrower one, and none below the least. */
const mostColumns = 48;
const leastColumns = 12;
const lines = 10;

/** ε at evenly spaced numbers of steps; what an accountant refuses is left out. */
function curveOf(steps: number, account: (count: number) => Answer): Point[] {
  const curve: Point[] = [];
  const count = Math.min(mostColumns, steps);
  const started = performance.now();
  for (let at = 1; at <= count; at += 1) {
    const here = Math.round((steps * at) / count);
    // A picture is not worth a wait: slow accountants draw fewer points.
    if (performance.now() - started > 1500 && at % 8 !== 0 && at !== count) continue;
    const answer = account(here);
    if (answer.kind === 'bound') curve.push({ steps: here, epsilon: answer.epsilon });
  }
  return curve;
}

/** Empty where there is nothing to see or no room for it. */
export function plot(curve: readonly Point[], terminalColumns = 80): string {
  const last = curve.at(-1);
  const highest = Math.max(0, ...curve.map(({ epsilon }) => epsilon));
  if (last === undefined || !(highest > 0 && Number.isFinite(highest))) return '';
  const label = formatted(highest);
  const end = String(last.steps);
  const columns = Math.min(mostColumns, terminalColumns - label.length - 2);
  if (columns < Math.max(leastColumns, end.length + 2)) return '';
  const rows: string[] = [];
  for (let row = lines; row >= 1; row -= 1) {
    const marks = Array.from({ length: columns }, () => ' ');
    for (const { steps, epsilon } of curve) {
      const column = Math.max(0, Math.round((steps / last.steps) * columns) - 1);
      if (Math.max(1, Math.ceil((epsilon / highest) * lines)) === row) marks[column] = '•';
    }
    const margin = row === lines ? label : row === 1 ? '0' : '';
    rows.push(`${margin.padStart(label.length)} │${marks.join('').trimEnd()}`);
  }
  const axis = `${' '.repeat(label.length)} └${'─'.repeat(columns)}`;
  const scale = `${' '.repeat(label.length + 2)}1${end.padStart(columns - 1)}`;
  return ['ε against steps', ...rows, axis, scale].join('\n');
}
