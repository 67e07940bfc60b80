// One exploration as the command runs it: a simulation for each setting, the attack on its first exchange, the front, and what the search cost.
import { tightestEpsilon } from '@sumus/differential-privacy/accountants';
import { under } from '@sumus/differential-privacy/mechanisms';
import { architectureOf } from '@sumus/federation/model';
import {
  type CheckedPlan,
  checkPlan,
  epsilonAfter,
  priceOfColumns,
  priceOfRound,
  roundsWithinBudget,
  sumsBeforeRounds,
} from '@sumus/federation/plan';
import { wasmEngine } from '@sumus/learning/engine';
import { Network } from '@sumus/learning/network';
import { nodePrimitives } from '@sumus/platform/node';
import type { LabelledExamples } from '@sumus/simulation/examples';
import { seededBytes, simulate } from '@sumus/simulation/federation';
import { UsageError } from '../command.ts';
import { printColumns, printJson } from '../print.ts';
import { percent, SIMULATED, upwards } from '../run-view.ts';
import { openExamples } from './examples-source.ts';
import { type Explored, front, plotLines } from './explore-front.ts';
import { type Inversion, inversionOf } from './explore-inversion.ts';
import { type LedgerToCharge, SearchLedger } from './explore-ledger.ts';
import { type Candidate, candidatesOf, type Setting, type SettingOptions } from './explore-settings.ts';
import {
  type Federation,
  type FederationOptions,
  federationOf,
  inputOf,
  partsFor,
  planFileFor,
} from './simulate-options.ts';

export interface ExploreOptions extends FederationOptions, SettingOptions, LedgerToCharge {
  readonly protection: 'plan' | 'none';
  readonly public?: true;
}

interface Tried extends Inversion {
  readonly setting: Setting;
  readonly accuracy: number | null;
  readonly epsilon: number | null;
  readonly rounds: number;
  /** Why there is nothing to say; null where there is. */
  readonly refused: string | null;
}

export async function exploreFile(path: string, options: ExploreOptions): Promise<void> {
  const federation = federationOf(options);
  const { plan } = planFileFor(path, options.json);
  if (options.public === true && options.ledger !== undefined)
    throw new UsageError('--public data cost nobody anything: leave --ledger out');
  const ledger = await SearchLedger.open(options);
  try {
    await explore(plan, { federation, options, ledger });
  } finally {
    ledger?.close();
  }
}

interface Exploration {
  readonly federation: Federation;
  readonly options: ExploreOptions;
  readonly ledger: SearchLedger | undefined;
}

async function explore(plan: CheckedPlan, { federation, options, ledger }: Exploration): Promise<void> {
  let charges = 0;
  const platform = nodePrimitives();
  const { seed } = federation;
  const sets = await openExamples(options, inputOf(plan), seededBytes(platform, seed, 'split'));
  const parts = partsFor(plan, federation, sets.training, seededBytes(platform, seed, 'partition'));
  const recordsEach = Math.min(...parts.map(({ count }) => count));
  const candidates = candidatesOf(plan, options, recordsEach);
  const tried: Tried[] = [];
  const say = (line: string): void => {
    if (!options.json) process.stdout.write(`${line}\n`);
  };
  for (const note of sets.notes) say(note);
  say(`${candidates.length} settings, each a training. ${SIMULATED}`);
  for (const candidate of candidates) {
    const one = await triedOut(candidate, { parts, test: sets.test, federation, options });
    tried.push(one);
    // Before anything of it is shown.
    if (candidate.kind !== 'refused' && (await ledger?.charge(candidate.plan, one.rounds)) === true) charges += 1;
    say(rowOf(one).join('  '));
  }
  const spent = options.public === true ? null : costOfSearch(candidates, tried);
  const explored = tried.map(exploredOf);
  const best = [...front(explored.filter((one) => one !== undefined))];
  const isBest = explored.map((one) => one !== undefined && (best.shift() ?? false));
  if (options.json) {
    const settings = tried.map((one, place) => ({ ...one, onTheFront: isBest[place] }));
    printJson({ simulated: true, seed, public: options.public === true, settings, search: spent, charges });
    return;
  }
  say('');
  printColumns([
    ['', 'batch', 'rate', 'noise', 'accuracy', 'ε', 'update given back', 'sum given back'],
    ...tried.map((one, place) => [isBest[place] ? '●' : '○', ...rowOf(one)]),
  ]);
  say('');
  const width = Math.min(100, process.stdout.columns || 80);
  const drawn = explored.filter((one) => one !== undefined);
  for (const line of plotLines(drawn, { width, height: 12 })) say(line);
  say('');
  say(
    '● is on the front: no other setting is at least as good in everything. "Given back": the share of one batch’s inputs that an attacker',
  );
  say(
    'reads out of one update, where nothing protects it, and out of the sum that is opened. This attack; better ones may get more.',
  );
  if (options.public === true) return;
  if (spent === null)
    say('The plan promises nothing, and so does this search: what it shows may tell of single records.');
  else {
    say(
      `The search itself, if its results are acted on, costs ε ≤ ${spent.epsilon === null ? 'no known bound' : upwards(spent.epsilon)} at δ = ${spent.delta}, over ${spent.trainings} trainings on these data.`,
    );
  }
  if (ledger !== undefined) say(`${charges} charges were written to ${options.ledger}.`);
  else if (spent !== null) say('It was charged to no ledger: with --ledger it is.');
}

interface Surroundings {
  readonly parts: readonly LabelledExamples[];
  readonly test: LabelledExamples;
  readonly federation: Federation;
  readonly options: ExploreOptions;
}

async function triedOut(candidate: Candidate, { parts, test, federation, options }: Surroundings): Promise<Tried> {
  const { setting } = candidate;
  const nothing = { setting, accuracy: null, epsilon: null, rounds: 0, ofUpdate: null, ofSum: null };
  if (candidate.kind === 'refused') return { ...nothing, refused: candidate.reason };
  const platform = nodePrimitives();
  const { seed, dropChance, stopAfter } = federation;
  const plan = options.protection === 'none' ? unprotected(candidate.plan) : candidate.plan;
  const overrun = beyondBudget(candidate.plan);
  if (overrun !== undefined) return { ...nothing, refused: overrun };
  try {
    const { teller } = await simulate({
      platform,
      plan,
      parts,
      test,
      seed,
      dropChance,
      stopAfter,
      tryEvery: Number.MAX_SAFE_INTEGER,
      now: () => performance.now(),
    });
    const released = teller.rounds.flatMap((round) => (round.kind === 'round released' ? [round] : []));
    const network = new Network(await wasmEngine(), architectureOf(plan), {
      seed: 1,
      maxBatch: plan.batching.pieceSize,
    });
    return {
      setting,
      accuracy: teller.lastTrial().accuracy,
      epsilon: released.at(-1)?.epsilon ?? null,
      rounds: released.length,
      refused: released.length === 0 ? (teller.ended?.text ?? 'no sum was published') : null,
      ...(takesDataAsGiven(candidate.plan)
        ? inversionOf(network, candidate.plan, parts, seededBytes(platform, seed, 'attack'))
        : { ofUpdate: null, ofSum: null }),
    };
  } catch (cause) {
    if (!(cause instanceof Error && cause.name === 'ParameterError')) throw cause;
    return { ...nothing, refused: cause.message };
  }
}

/** Why not one round of it would be entered: everybody would decline, and the run would end with too few. */
function beyondBudget(plan: CheckedPlan): string | undefined {
  const { privacy } = plan;
  if (privacy.kind === 'none' || roundsWithinBudget(plan) > 0) return undefined;
  const one = epsilonAfter(plan, sumsBeforeRounds(plan) + 1);
  const cost = one?.kind === 'bound' ? `ε = ${upwards(one.epsilon)}` : 'more than any known bound';
  return `one round costs ${cost}, and the plan allows ${privacy.epsilonAtMost}: more noise, a smaller batch, or more examples a participant`;
}

/** The attack reads inputs; what features or columns give away of the data behind them is not measured here. */
const takesDataAsGiven = ({ preparation, exchange }: CheckedPlan): boolean =>
  preparation.kind === 'as-given' && exchange.schedule !== 'one-round';

/** The same sums, in clear: in one process there is nobody to protect anything from. Where noise is made together, a plan needs protection. */
function unprotected(plan: CheckedPlan): CheckedPlan {
  const reason = 'an exploration in one process: the sums are the same whole numbers';
  const check = checkPlan({ ...plan, protection: { kind: 'none', reason } });
  return check.kind === 'valid' ? check.plan : plan;
}

interface SearchCost {
  /** Null where no bound is known. */
  readonly epsilon: number | null;
  readonly delta: number;
  readonly trainings: number;
}

/** All trainings of the search one after the other, on the same records. Null where the plan promises nothing. */
function costOfSearch(candidates: readonly Candidate[], tried: readonly Tried[]): SearchCost | null {
  const runs = candidates.flatMap((candidate, place) => {
    if (candidate.kind === 'refused') return [];
    const { plan } = candidate;
    const price = priceOfRound(plan);
    const count = tried[place]?.rounds ?? 0;
    if (price === undefined || plan.privacy.kind === 'none' || count === 0) return [];
    const { privacy } = plan;
    const columns = priceOfColumns(plan);
    const rounds = count - (columns === undefined ? 0 : 1);
    const mechanisms = [
      ...(columns === undefined ? [] : [columns]),
      ...(rounds > 0 ? [under(privacy).repetition({ inner: price, count: rounds })] : []),
    ];
    return [{ privacy, mechanisms }];
  });
  const [first] = runs;
  if (first === undefined) return null;
  const { delta } = first.privacy;
  const answer = tightestEpsilon(
    runs.flatMap(({ mechanisms }) => mechanisms),
    delta,
  );
  return { epsilon: answer.kind === 'bound' ? answer.epsilon : null, delta, trainings: runs.length };
}

function exploredOf({ setting, accuracy, epsilon, ofSum }: Tried): Explored | undefined {
  if (accuracy === null) return undefined;
  return { label: JSON.stringify(setting), accuracy, epsilon: epsilon ?? Number.POSITIVE_INFINITY, inversion: ofSum };
}

function rowOf({ setting, accuracy, epsilon, ofUpdate, ofSum, refused }: Tried): readonly string[] {
  const { batch, rate, noise } = setting;
  const settings = [String(batch), String(rate), noise === null ? 'none' : String(noise)];
  if (refused !== null) return [...settings, `refused: ${refused}`];
  const share = (value: number | null): string => (value === null ? '?' : percent(value));
  return [...settings, share(accuracy), epsilon === null ? '∞' : upwards(epsilon), share(ofUpdate), share(ofSum)];
}
