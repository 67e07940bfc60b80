import { type Ciphertext, ckksContext, coefficientStddev, declareError, scaleOf, secretKey } from '@sumus/lattice/ckks';
import { insecureCkksParameters } from '@sumus/lattice/parameters';
import {
  activeSet,
  authoriseCkks,
  DecryptionLedger,
  foundEpoch,
  openCkks,
  partialDecrypt,
  refreshRule,
  sharedCkksParameters,
} from '@sumus/lattice/shared-keys';
import { expect, it } from 'vitest';
import {
  ckksExecutor,
  clearExecutor,
  decryptOutput,
  encryptInputs,
  evaluationKeys,
  inputsFrom,
} from '../execute/index.ts';
import { reproducibleLattice } from '../execute/reproducible-lattice.contract.ts';
import { plan } from '../parameters/index.ts';
import {
  answerRefresh,
  collectiveRefresh,
  collectiveRefresher,
  ownerRefresh,
  ownerRefresher,
} from '../refresh/index.ts';
import { foundSharedKey } from '../refresh/shared-key.contract.ts';
import { mlpTraining } from './circuit.ts';
import { packBlock, packWeights, unpackWeights } from './packing.ts';
import { mlpRecipe } from './recipe.ts';

// Training on ciphertexts, in rings too small to be secure: one owner who refreshes, and members who refresh together.

const recipe = mlpRecipe({
  features: 3,
  hidden: 2,
  iterations: 2,
  learningRate: 0.25,
  rows: 20,
  blocks: 2,
  slots: 64,
  largest: { weight: 1, preActivation: 1.5, output: 2, label: 1 },
});
const circuit = mlpTraining(recipe);

/** Two members' rows, a block each, and the weights that all agree to start from. */
function inputs(): Readonly<Record<string, Float64Array>> {
  const rows = Array.from({ length: 20 }, (_, i) => [Math.sin(3 * i), Math.cos(5 * i), 1]);
  const labels = rows.map(([a, b]) => Math.sign(a * b));
  return Object.fromEntries([
    ...packBlock(recipe, 0, rows.slice(0, 12), labels.slice(0, 12)),
    ...packBlock(recipe, 1, rows.slice(12), labels.slice(12)),
    ...packWeights(recipe, { hidden: [0.6, -0.4, 0.2, 0.3, 0.5, -0.1], output: [0.4, -0.6] }),
  ]);
}

async function inTheClear(): Promise<number[]> {
  const { hidden, output } = unpackWeights(recipe, await clearExecutor(circuit).run(inputsFrom(inputs())));
  return [...hidden, ...output];
}

const parameters = insecureCkksParameters({ degree: 256, levels: 11, scaleBits: 58, limbsPerLevel: 2, digits: 3 });

it('refreshed by its owner, a training gives the weights of its twin in the clear', async () => {
  const context = ckksContext(await reproducibleLattice(4), parameters);
  const planned = plan(circuit, parameters, { refresh: ownerRefresh });
  const secret = secretKey(context);
  const refresher = ownerRefresher(context, secret, { slots: recipe.slots });
  const executor = ckksExecutor(planned, context, evaluationKeys(planned, context, secret), { refresher });
  const outputs = await executor.run(inputsFrom(encryptInputs(planned, context, { secretKey: secret }, inputs())));
  const opened = new Map([...outputs].map(([name, value]) => [name, decryptOutput(planned, secret, value)]));
  const { hidden, output } = unpackWeights(recipe, opened);
  const expected = await inTheClear();
  [...hidden, ...output].forEach((w, i) => {
    expect(w).toBeCloseTo(expected[i], 9);
  });
});

it('refreshed by the members of a shared key, nobody holding it, a training gives them too', async () => {
  const lattice = await reproducibleLattice(5);
  const context = ckksContext(lattice, parameters);
  // Every weight after every iteration but the last.
  const model = { answers: 2, refreshes: 4, magnitude: recipe.largest.weight } as const;
  const planned = plan(circuit, parameters, { refresh: collectiveRefresh(model), keyParties: 3 });
  const rule = refreshRule({ ckks: parameters, ...model });
  const key = sharedCkksParameters({
    ckks: parameters,
    members: [1, 2, 3],
    threshold: 2,
    decryptions: 4,
    measure: 'kullbackLeibler',
    noiseGrowth: 2 ** 13,
    magnitude: recipe.largest.weight,
    precisionBits: 1,
  });
  const epoch = foundEpoch(lattice, key, new Uint8Array(32).fill(5));
  const { publicKey, shares, keys } = foundSharedKey(epoch, planned);
  const asked = [2, 3];
  const set = activeSet(epoch.roster, asked);
  const members = asked.map((member) => {
    const share = shares.get(member);
    if (share === undefined) throw new Error(`no member ${member}`);
    return { share, ledger: new DecryptionLedger(member) };
  });
  let answers = 0;
  const refresher = collectiveRefresher({
    epoch,
    context,
    rule,
    activeSet: set,
    ask: (spent, target) =>
      Promise.all(
        members.map((member) => {
          const store = async (): Promise<void> => {
            answers += 1;
          };
          return answerRefresh({ ...member, activeSet: set, store }, spent, target);
        }),
      ),
  });
  const encrypted = encryptInputs(planned, context, { publicKey }, inputs());
  const outputs = await ckksExecutor(planned, context, keys, { refresher }).run(inputsFrom(encrypted));
  expect(answers).toBe(2 * 4);
  // The bound grows with every worst case of a training; the members open by what is met, twice over, and each says so.
  const open = (name: string, ciphertext: Ciphertext): Float64Array => {
    const typical = planned.typical[circuit.outputs.get(name)?.at ?? -1];
    if (typical === undefined) throw new Error(`nothing is known of ${name}`);
    const errorStddev = 2 * typical.errorStddev;
    const noiseStddev = coefficientStddev({ errorStddev }, parameters.degree, scaleOf(ciphertext));
    const declared = declareError(ciphertext, errorStddev);
    const answers = members.map(({ share, ledger }) =>
      partialDecrypt(share, authoriseCkks(ledger, epoch, declared, set, { noiseStddev })),
    );
    return openCkks(epoch, declared, set, answers, recipe.slots);
  };
  const { hidden, output } = unpackWeights(
    recipe,
    new Map([...outputs].map(([name, value]) => [name, open(name, value)])),
  );
  const expected = await inTheClear();
  expect(key.precisionBits).toBeGreaterThan(8);
  [...hidden, ...output].forEach((w, i) => {
    expect(Math.abs(w - expected[i])).toBeLessThan(8 * 2 ** -key.precisionBits);
  });
});
