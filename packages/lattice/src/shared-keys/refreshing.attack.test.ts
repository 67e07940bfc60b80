import { expect, it } from 'vitest';
import { type Ciphertext, ckksContext } from '../ckks/index.ts';
import { reproducibleLattice } from '../keys/node-lattice.contract.ts';
import { insecureCkksParameters } from '../parameters/ckks-parameters.ts';
import { fromIntegers, toCoefficients, toEvaluations, toIntegers } from '../ring/operations.ts';
import { sharedCkksParameters } from './ckks.ts';
import { DecryptionLedger } from './decryption-ledger.ts';
import { foundEpoch } from './epoch.ts';
import { collectiveSecret, found, shareOf } from './founding.contract.ts';
import { refreshRule } from './refresh-rule.ts';
import { authoriseCkksRefresh, combineRefresh, refreshAnswer } from './refreshing.ts';
import { activeSet } from './roster.ts';
import { sumOf } from './sum-of-polynomials.ts';

// What the label "semi-honest" excludes: a machine that asks for a refresh of what no circuit gave.

it('whoever makes up a ciphertext reads the key from the answers: members refresh only what they know was computed', async () => {
  const ckks = insecureCkksParameters({ degree: 64, levels: 6, scaleBits: 55, limbsPerLevel: 2, digits: 3 });
  const parameters = sharedCkksParameters({
    ckks,
    members: [1, 2, 3],
    threshold: 2,
    decryptions: 10,
    measure: 'kullbackLeibler',
    precisionBits: -40,
  });
  const lattice = await reproducibleLattice(95);
  const epoch = foundEpoch(lattice, parameters, new Uint8Array(32).fill(95));
  const founded = found(epoch);
  const context = ckksContext(lattice, ckks);
  const rule = refreshRule({ ckks, answers: 2, refreshes: 100 });
  const set = activeSet(epoch.roster, [1, 2]);
  const from = rule.operandLevel + 1;
  const { ring } = context.level(from);
  // c1 = a constant far above every mask: c1·s + Σ M shows s in its high bits.
  const height = 1n << BigInt(rule.maskBits + 8);
  const constant = (value: bigint): bigint[] => [value, ...new Array<bigint>(ring.degree - 1).fill(0n)];
  const made: Ciphertext = {
    kind: 'ciphertext',
    context,
    level: from,
    c0: toEvaluations(fromIntegers(ring, constant(0n))),
    c1: toEvaluations(fromIntegers(ring, constant(height))),
    estimate: { magnitude: 1, errorStddev: 1e-12, claimed: false },
  };
  const target = { rule, context, from, to: ckks.topLevel };
  const answers = set.members.map((member) =>
    refreshAnswer(
      shareOf(founded, member),
      authoriseCkksRefresh(new DecryptionLedger(member), epoch, rule, made, set),
      target,
    ),
  );
  const sum = toIntegers(toCoefficients(sumOf([made.c0, ...answers.map(({ h0 }) => h0)])));
  const read = sum.map((x) => Number((x + height / 2n) >> BigInt(rule.maskBits + 8)));
  expect(read).toEqual(toIntegers(toCoefficients(collectiveSecret(founded))).map(Number));
  // Who follows the protocol notices, after the fact.
  expect(() => combineRefresh(epoch, made, set, target, answers)).toThrow('do not add up');
});
