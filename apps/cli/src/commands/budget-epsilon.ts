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
import { accountantOf, asTyped, numberOf, type Run, type RunOptions, runOf } from './budget-options.ts';

export function tellEpsilon(options: RunOptions): void {
  asTyped(() => {
    const run = runOf(options);
    const steps = numberOf('--steps', options.steps);
    const step = run.step(numberOf('--noise-multiplier', options.noiseMultiplier));
    const history = run.repeated(step, steps);
    const account = accountantOf(options);
    const answer = account(history, run.delta);
    if (options.json) printJson({ ...answer, samplingRate: run.samplingRate, steps });
    else {
      printTable(history, run.delta);
      process.stdout.write(`\n${sentence(answer, run)}\n`);
      if (answer.kind === 'bound' && steps > 1) {
        const curve = curveOf(steps, (count) => account(run.repeated(step, count), run.delta));
        process.stdout.write(`\n${plot(curve)}\n`);
      }
    }
    if (answer.kind === 'refused') throw new BadNews(answer.reason);
  });
}

export function printTable(history: History, delta: number): void {
  const answers: readonly (readonly [string, Answer])[] = [
    ['exact (closed form, contour or loss distribution)', exactEpsilon(history, delta)],
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

/** Six digits, rounded up (or down for a lower bound): a printed bound is a bound. */
export function formatted(epsilon: number, direction: 'up' | 'down' = 'up'): string {
  if (epsilon === 0) return '0';
  const digits = 10 ** (Math.floor(Math.log10(epsilon)) - 5);
  const rounded = (direction === 'up' ? Math.ceil(epsilon / digits) : Math.floor(epsilon / digits)) * digits;
  return Number(rounded.toPrecision(6)).toString();
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

const columns = 48;
const lines = 10;

/** ε at evenly spaced numbers of steps; what an accountant refuses is left out. */
function curveOf(steps: number, account: (count: number) => Answer): Point[] {
  const curve: Point[] = [];
  const count = Math.min(columns, steps);
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

export function plot(curve: readonly Point[]): string {
  const last = curve.at(-1);
  if (last === undefined) return '';
  const highest = Math.max(...curve.map(({ epsilon }) => epsilon), 1e-300);
  const label = formatted(highest);
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
  const end = String(last.steps);
  const scale = `${' '.repeat(label.length + 2)}1${end.padStart(columns - 1)}`;
  return [`ε against steps`, ...rows, axis, scale].join('\n');
}
