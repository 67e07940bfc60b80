// A network with one hidden layer trained on ciphertexts, in a process of its own: `node mlp-program.js owner|members ITERATIONS ROWS.json` prints
// one line of JSON. ROWS.json: {"features", "train": [[…], …], "trainLabels", "test", "testLabels"}, labels ±1.
//
// `owner`: one key, whose owner refreshes every weight after every iteration. `members`: a key of three, two of whom answer, one message each;
// the result is not opened here (packages/encrypted-learning/src/mlp/encrypted.test.ts opens one): flooded by what could be, not by what
// is met, nothing of it would remain.
// No bound on the error of a training is known in advance (worst cases multiply from iteration to iteration): the chain is planned for the
// longest stretch between refreshes, and whoever refreshes goes by what is met, ERROR, and the owner's comparison with the twin confirms it.

import { readFileSync } from 'node:fs';
import {
  ckksExecutor,
  clearExecutor,
  decryptOutput,
  type EvaluationKeys,
  encryptInputs,
  evaluationKeys,
  galoisElements,
  inputsFrom,
} from '@sumus/encrypted-learning/execute';
import {
  type MlpRecipe,
  mlpRecipe,
  mlpTraining,
  packBlock,
  packWeights,
  unpackWeights,
} from '@sumus/encrypted-learning/mlp';
import { type Plan, plan, planFor } from '@sumus/encrypted-learning/parameters';
import {
  answerRefresh,
  collectiveRefresh,
  collectiveRefresher,
  ownerRefresh,
  ownerRefresher,
  type Refresher,
  type RefreshModel,
} from '@sumus/encrypted-learning/refresh';
import {
  type Ciphertext,
  type CkksContext,
  ckksContext,
  coefficientStddev,
  declareError,
  type GaloisKey,
  type PublicKey,
  secretKey,
} from '@sumus/lattice/ckks';
import { wasmEngine } from '@sumus/lattice/engine';
import {
  activeSet,
  beginKey,
  beginRelinearisation,
  collectiveGaloisKey,
  collectiveRelinearisationKey,
  continueRelinearisation,
  DecryptionLedger,
  finishKey,
  foundEpoch,
  galoisContribution,
  type KeyEpoch,
  type KeyShare,
  refreshRule,
  revealKey,
  sharedCkksParameters,
} from '@sumus/lattice/shared-keys';
import { nodePrimitives } from '@sumus/platform/node';

interface Rows {
  readonly features: number;
  readonly train: readonly (readonly number[])[];
  readonly trainLabels: readonly number[];
  readonly test: readonly (readonly number[])[];
  readonly testLabels: readonly number[];
}

const [kind, iterationsWord, file = ''] = process.argv.slice(2);
const iterations = Number(iterationsWord);
const rows: Rows = JSON.parse(readFileSync(file, 'utf8'));
const HIDDEN = 4;
const ERROR = 2 ** -28;
const MEMBERS: readonly number[] = [1, 2, 3];
const ASKED: readonly number[] = [1, 3];

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const recipeOf = (turns: number, slots: number): MlpRecipe =>
  mlpRecipe({
    features: rows.features,
    hidden: HIDDEN,
    iterations: turns,
    learningRate: 0.3,
    rows: rows.train.length,
    blocks: 1,
    slots,
    largest: { weight: 1.5, preActivation: 2, output: 3, label: 1 },
  });

/** Slots for one block of all rows. */
const slots = 2 ** (Math.ceil(Math.log2(rows.features)) + Math.ceil(Math.log2(rows.train.length)));
const recipe = recipeOf(iterations, slots);
const circuit = mlpTraining(recipe);
const inputs = Object.fromEntries([
  ...packBlock(recipe, 0, rows.train, rows.trainLabels),
  ...packWeights(recipe, {
    hidden: Array.from({ length: HIDDEN * rows.features }, (_, i) => 0.3 * Math.sin(5 * i + 1)),
    output: Array.from({ length: HIDDEN }, (_, h) => (h % 2 === 0 ? 0.5 : -0.5)),
  }),
]);

/** On the chain that two iterations need, with all their worst cases. */
function planned(refresh: RefreshModel, keyParties: number): Plan {
  const options = { refresh, keyParties, encryptedWith: keyParties === 1 ? 'secret key' : 'public key' } as const;
  const stretch = planFor(mlpTraining(recipeOf(2, slots)), { ...options, noise: 'typical', precisionBits: 1 });
  return plan(circuit, stretch.parameters, options);
}

const contextOf = async ({ parameters }: Plan): Promise<CkksContext> =>
  ckksContext({ engine: await wasmEngine(), primitives: nodePrimitives() }, parameters);

interface Run {
  readonly plan: Plan;
  readonly opened?: ReadonlyMap<string, ArrayLike<number>>;
  readonly trainSeconds: number;
  readonly refreshSeconds: number;
}

class Timed implements Refresher {
  seconds = 0;
  readonly #inner: Refresher;
  constructor(inner: Refresher) {
    this.#inner = inner;
  }
  async refresh(spent: Ciphertext, level: number): Promise<Ciphertext> {
    const before = cpuSeconds();
    const fresh = await this.#inner.refresh(declareError(spent, ERROR), level);
    this.seconds += cpuSeconds() - before;
    return fresh;
  }
}

async function byOwner(): Promise<Run> {
  const made = planned(ownerRefresh, 1);
  const context = await contextOf(made);
  const secret = secretKey(context);
  const refresher = new Timed(ownerRefresher(context, secret, { slots }));
  const executor = ckksExecutor(made, context, evaluationKeys(made, context, secret), { refresher });
  const encrypted = encryptInputs(made, context, { secretKey: secret }, inputs);
  const before = cpuSeconds();
  const outputs = await executor.run(inputsFrom(encrypted));
  const trainSeconds = cpuSeconds() - before;
  const opened = new Map(
    [...outputs].map(([name, value]) => [name, decryptOutput(made, secret, declareError(value, ERROR))]),
  );
  return { plan: made, opened, trainSeconds, refreshSeconds: refresher.seconds };
}

async function byMembers(): Promise<Run> {
  const { weight: magnitude } = recipe.largest;
  const model = { answers: ASKED.length, refreshes: 2 * HIDDEN * iterations, magnitude };
  const made = planned(collectiveRefresh(model), MEMBERS.length);
  const context = await contextOf(made);
  const { parameters } = made;
  const key = sharedCkksParameters({
    ckks: parameters,
    members: [...MEMBERS],
    threshold: ASKED.length,
    decryptions: 2 * HIDDEN,
    measure: 'kullbackLeibler',
    magnitude,
    precisionBits: 1,
  });
  const epoch = foundEpoch(context.lattice, key, nodePrimitives().randomBytes(32));
  const { publicKey, shares, keys } = founded(epoch, made);
  const set = activeSet(epoch.roster, [...ASKED]);
  const members = ASKED.map((member) => {
    const share = shares.get(member);
    if (share === undefined) throw new Error(`no member ${member}`);
    return { share, ledger: new DecryptionLedger(member) };
  });
  const noiseOf = (level: number): number =>
    coefficientStddev({ errorStddev: ERROR }, parameters.degree, parameters.scales[level]?.value ?? 1);
  const refresher = new Timed(
    collectiveRefresher({
      epoch,
      context,
      rule: refreshRule({ ckks: parameters, ...model }),
      activeSet: set,
      ask: (spent, target) =>
        Promise.all(
          members.map((member) =>
            answerRefresh(
              { ...member, activeSet: set, store: async () => {}, noiseStddev: noiseOf(spent.level) },
              spent,
              target,
            ),
          ),
        ),
    }),
  );
  const executor = ckksExecutor(made, context, keys, { refresher });
  const encrypted = encryptInputs(made, context, { publicKey }, inputs);
  const before = cpuSeconds();
  await executor.run(inputsFrom(encrypted));
  return { plan: made, trainSeconds: cpuSeconds() - before, refreshSeconds: refresher.seconds };
}

/** All members in this process, messages handed over as they are. */
function founded(
  epoch: KeyEpoch,
  made: Plan,
): { readonly publicKey: PublicKey; readonly shares: ReadonlyMap<number, KeyShare>; readonly keys: EvaluationKeys } {
  const begun = MEMBERS.map((member) => beginKey(epoch, member));
  const commitments = begun.map(({ commitment }) => commitment);
  const revealed = begun.map(({ state }) => revealKey(state, commitments));
  const contributions = revealed.map(({ contribution }) => contribution);
  const finished = revealed.map(({ state }) =>
    finishKey(
      state,
      contributions,
      revealed.flatMap(({ dealings }) => dealings).filter(({ to }) => to === state.member),
      revealed.flatMap(({ pairSeeds }) => pairSeeds).filter(({ to }) => to === state.member),
    ),
  );
  const [first] = finished;
  if (first === undefined) throw new Error('a key without members');
  const secrets = begun.map(({ state }) => ({ member: state.member, secret: state.secret }));
  const one = secrets.map(({ member, secret }) => beginRelinearisation(epoch, member, secret));
  const firstContributions = one.map(({ contribution }) => contribution);
  const firstCommitments = one.map(({ commitment }) => commitment);
  const second = one.map(({ state }) => continueRelinearisation(state, firstCommitments, firstContributions));
  const relinearisation = collectiveRelinearisationKey(epoch, firstCommitments, firstContributions, second);
  const galois = new Map<number, GaloisKey>();
  for (const element of galoisElements(made)) {
    const parts = secrets.map(({ member, secret }) => galoisContribution(epoch, member, secret, element));
    const key = collectiveGaloisKey(
      epoch,
      element,
      parts.map(({ commitment }) => commitment),
      parts.map(({ contribution }) => contribution),
    );
    galois.set(element, key);
  }
  return {
    publicKey: first.publicKey,
    shares: new Map(finished.map(({ share }) => [share.member, share])),
    keys: { galois, relinearisation },
  };
}

interface Weights {
  readonly hidden: Float64Array;
  readonly output: Float64Array;
}

function scored({ hidden, output }: Weights): { accuracyPercent: number; auc: number } {
  const scores = rows.test.map((x) => {
    let o = 0;
    for (let h = 0; h < HIDDEN; h += 1) {
      const z = x.reduce((sum, value, f) => sum + value * (hidden[h * rows.features + f] ?? 0), 0);
      o += (output[h] ?? 0) * z * z;
    }
    return o;
  });
  const right = scores.filter((o, i) => Math.sign(o) === rows.testLabels[i]).length;
  let ordered = 0;
  let pairs = 0;
  scores.forEach((a, i) => {
    scores.forEach((b, j) => {
      if (rows.testLabels[i] !== 1 || rows.testLabels[j] !== -1) return;
      pairs += 1;
      ordered += a > b ? 1 : a === b ? 0.5 : 0;
    });
  });
  return { accuracyPercent: (100 * right) / scores.length, auc: ordered / pairs };
}

const run = await (kind === 'members' ? byMembers() : byOwner());
/** How far the weights are from the twin's, and how good they are. */
async function compared(opened: ReadonlyMap<string, ArrayLike<number>>): Promise<object> {
  const trained = unpackWeights(recipe, opened);
  const twin = unpackWeights(recipe, await clearExecutor(circuit).run(inputsFrom(inputs)));
  const weightDifference = (['hidden', 'output'] as const).reduce(
    (most, part) =>
      twin[part].reduce((worst, w, i) => Math.max(worst, Math.abs(w - (trained[part][i] ?? Number.NaN))), most),
    0,
  );
  return { weightDifference, ...scored(trained) };
}

const found = {
  parameters: run.plan.parameters.toString(),
  iterations,
  rows: rows.train.length,
  hidden: HIDDEN,
  cpuSeconds: run.trainSeconds,
  ofThatRefreshing: run.refreshSeconds,
  refreshes: 2 * HIDDEN * (iterations - 1),
  ...(run.opened === undefined ? {} : await compared(run.opened)),
  keyMegabytes: run.plan.cost.keyBytes / 1e6,
  peakGigabytes: process.resourceUsage().maxRSS / 2 ** 20,
};
process.stdout.write(`${JSON.stringify(found)}\n`);
