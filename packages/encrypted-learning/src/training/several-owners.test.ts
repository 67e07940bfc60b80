// Outsourcing by several owners under a key that none of them holds, in rings too small to be secure: each encrypts its rows with nothing
// in the others' places, the machine adds the blocks up and trains, members refresh together and open the weights together, flooded.
import {
  add,
  type Ciphertext,
  ckksContext,
  coefficientStddev,
  declareError,
  declareMagnitude,
  scaleOf,
} from '@sumus/lattice/ckks';
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
import { ckksExecutor, encryptInput } from '../execute/index.ts';
import { reproducibleLattice } from '../execute/reproducible-lattice.contract.ts';
import { plan } from '../parameters/index.ts';
import { answerRefresh, collectiveRefresh, collectiveRefresher } from '../refresh/index.ts';
import { foundSharedKey } from '../refresh/shared-key.contract.ts';
import { descend } from './descent.ts';
import { madeRows } from './made-rows.contract.ts';
import { packedBlocks } from './packed-inputs.ts';
import { packing, unpackWeights } from './packing.ts';
import { recipe } from './recipe.ts';
import { type CheckedRows, checkRows } from './rows.ts';
import { trainingCircuit } from './training-circuit.ts';

const SLOTS = 128;
const MEMBERS = [1, 2, 3];
const rows = madeRows({ count: 24, columns: 3, seed: 70 });
const made = recipe({
  model: { kind: 'logistic', activation: { degree: 3 } },
  iterations: 3,
  learningRate: { kind: 'harmonic', first: 2 },
  optimiser: 'nesterov',
});
const layout = packing({ slots: SLOTS, rowCount: 24, columns: 3, hasTargetColumn: false, doubled: true, width: 4 });
const circuit = trainingCircuit({
  recipe: made,
  packing: layout,
  rowCount: 24,
  featureBound: 1,
  refreshBefore: [2],
  weightBound: 2,
});
const parameters = insecureCkksParameters({ degree: 256, levels: 9, scaleBits: 57, limbsPerLevel: 2, digits: 3 });

/** A member's rows in their places; nothing elsewhere. */
function ofMember(member: number): CheckedRows {
  const features = rows.features.map((x, at) => (Math.floor(at / 3) % 3 === member - 1 ? x : 0));
  return checkRows({
    features,
    columns: 3,
    labels: rows.labels,
    normBound: rows.normBound,
    featureBound: 1,
    labelSet: 'binary',
  });
}

it('gives the weights of a descent over all their rows', async () => {
  const lattice = await reproducibleLattice(71);
  const context = ckksContext(lattice, parameters);
  // Two iterates, refreshed once.
  const model = { answers: 2, refreshes: 2, magnitude: 2 } as const;
  const planned = plan(circuit, parameters, { refresh: collectiveRefresh(model), keyParties: 3 });
  const key = sharedCkksParameters({
    ckks: parameters,
    members: MEMBERS,
    threshold: 2,
    decryptions: 4,
    measure: 'kullbackLeibler',
    noiseGrowth: 2 ** 13,
    magnitude: 2,
    precisionBits: 1,
  });
  const epoch = foundEpoch(lattice, key, new Uint8Array(32).fill(7));
  const { publicKey, shares, keys } = foundSharedKey(epoch, planned);
  const asked = [1, 3];
  const set = activeSet(epoch.roster, asked);
  const members = asked.map((member) => {
    const share = shares.get(member);
    if (share === undefined) throw new Error(`no member ${member}`);
    return { share, ledger: new DecryptionLedger(member) };
  });
  const blocks = new Map<string, Ciphertext>();
  for (const member of MEMBERS) {
    for (const { name, values, magnitude } of packedBlocks(ofMember(member), made, layout)) {
      const own = encryptInput(planned, context, publicKey, name, values);
      const others = blocks.get(name);
      // Members' places are disjoint: the sum is no larger than a summand.
      blocks.set(name, others === undefined ? own : declareMagnitude(add(others, own), magnitude));
    }
  }
  const refresher = collectiveRefresher({
    epoch,
    context,
    rule: refreshRule({ ckks: parameters, ...model }),
    activeSet: set,
    ask: (spent, target) =>
      Promise.all(
        members.map((member) => answerRefresh({ ...member, activeSet: set, store: async () => {} }, spent, target)),
      ),
  });
  const outputs = await ckksExecutor(planned, context, keys, { refresher }).run({
    encrypted: (name) => {
      const block = blocks.get(name);
      if (block === undefined) throw new Error(`no block ${name}`);
      return block;
    },
  });
  const [[name, output] = ['', undefined]] = outputs;
  const typical = planned.typical[circuit.outputs.get(name)?.at ?? -1];
  if (typical === undefined || output === undefined) throw new Error('no weights came out');
  const errorStddev = 2 * typical.errorStddev;
  const noiseStddev = coefficientStddev({ errorStddev }, parameters.degree, scaleOf(output));
  const declared = declareError(output, errorStddev);
  const answers = members.map(({ share, ledger }) =>
    partialDecrypt(share, authoriseCkks(ledger, epoch, declared, set, { noiseStddev })),
  );
  const weights = unpackWeights([openCkks(epoch, declared, set, answers, SLOTS)], layout);
  const clear = descend(rows, made).weights;
  clear.forEach((weight, j) => {
    expect(weights[j]).toBeCloseTo(weight, 1);
  });
  // What flooding leaves of precision, and no more: nobody opened the weights themselves.
  expect(Math.max(...clear.map((weight, j) => Math.abs(weight - (weights[j] ?? Number.NaN))))).toBeGreaterThan(0);
});
