import {
  type Ciphertext,
  ContentAboveDeclared,
  ckksContext,
  declareError,
  dropTo,
  encrypt,
  publicKey,
  secretKey,
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
import { circuit } from '../circuit/circuit.ts';
import { ckksExecutor } from '../execute/ckks.ts';
import { clearExecutor } from '../execute/clear.ts';
import { decryptOutput, encryptInputs } from '../execute/encrypt-inputs.ts';
import { inputsFrom } from '../execute/executor.ts';
import { evaluationKeys } from '../execute/keys.ts';
import { reproducibleLattice } from '../execute/reproducible-lattice.contract.ts';
import { plan } from '../parameters/plan.ts';
import { answerRefresh, collectiveRefresh, collectiveRefresher } from './collective.ts';
import { ownerRefresh, ownerRefresher } from './owner.ts';
import { foundSharedKey } from './shared-key.contract.ts';

const SLOTS = 16;
const x = Float64Array.from({ length: SLOTS }, (_, j) => Math.sin(j + 1));

/** Deeper than any chain here: a contraction, then a rotation, seven times over. */
const long = circuit('long', SLOTS, (c) => {
  let value = c.input('x');
  for (let i = 0; i < 7; i++) {
    value = c.section(`turn ${i}`, () => {
      const next = c.polynomial(c.rotate(value, 1), [0.1, 0.8, 0, -0.2]);
      return c.refresh(c.declare(next, 1, 'the polynomial maps [−1, 1] into itself'));
    });
  }
  c.output('out', c.multiplyPlain(value, 0.5));
});

it('the owner refreshes as often as it takes, and the result is that of the twin', async () => {
  const parameters = insecureCkksParameters({ degree: 64, levels: 3, scaleBits: 55, limbsPerLevel: 2, digits: 2 });
  const context = ckksContext(await reproducibleLattice(1), parameters);
  const planned = plan(long, parameters, { refresh: ownerRefresh });
  const secret = secretKey(context);
  const seen: number[] = [];
  const refresher = ownerRefresher(context, secret, { slots: SLOTS, inspect: (numbers) => seen.push(numbers.length) });
  const executor = ckksExecutor(planned, context, evaluationKeys(planned, context, secret), { refresher });
  const encrypted = encryptInputs(planned, context, { secretKey: secret }, { x });
  const out = (await executor.run(inputsFrom(encrypted))).get('out');
  const clear = (await clearExecutor(long).run(inputsFrom({ x }))).get('out');
  if (out === undefined || clear === undefined) throw new Error('no output');
  decryptOutput(planned, secret, out).forEach((value, j) => {
    expect(value).toBeCloseTo(clear[j], 10);
  });
  expect(seen).toEqual(new Array(7).fill(SLOTS));
  // What the numbers carried before they were refreshed is not forgotten.
  const noisy = declareError(dropTo(encrypt(context, publicKey(context, secret), x), 0), 1e-6);
  const fresh = await refresher.refresh(noisy, 3);
  expect(fresh.estimate.errorStddev).toBeGreaterThanOrEqual(1e-6);
  expect(fresh.estimate.claimed).toBe(true);
  expect(fresh.estimate.errorStddev).toBeLessThan(1.001e-6);
});

it('numbers beyond their declaration are found by the owner, and the run ends', async () => {
  const parameters = insecureCkksParameters({ degree: 64, levels: 3, scaleBits: 55, limbsPerLevel: 2, digits: 2 });
  const context = ckksContext(await reproducibleLattice(2), parameters);
  const diverging = circuit('diverging', SLOTS, (c) => {
    const wrong = c.declare(c.multiplyPlain(c.input('x'), 7.5), 1, 'a bound that does not hold');
    c.output('out', c.square(c.refresh(wrong)));
  });
  const planned = plan(diverging, parameters, { refresh: ownerRefresh });
  const secret = secretKey(context);
  const refresher = ownerRefresher(context, secret, { slots: SLOTS });
  const executor = ckksExecutor(planned, context, evaluationKeys(planned, context, secret), { refresher });
  const encrypted = encryptInputs(planned, context, { secretKey: secret }, { x });
  await expect(executor.run(inputsFrom(encrypted))).rejects.toThrow(ContentAboveDeclared);
});

it('the members of a shared key refresh with one message each, and the result opens to that of the twin', async () => {
  const parameters = insecureCkksParameters({ degree: 64, levels: 6, scaleBits: 55, limbsPerLevel: 2, digits: 3 });
  const lattice = await reproducibleLattice(3);
  const context = ckksContext(lattice, parameters);
  const model = { answers: 2, refreshes: 20, magnitude: 1 } as const;
  const planned = plan(long, parameters, { refresh: collectiveRefresh(model), keyParties: 3 });
  const rule = refreshRule({ ckks: parameters, ...model });
  const key = sharedCkksParameters({
    ckks: parameters,
    members: [1, 2, 3],
    threshold: 2,
    decryptions: 4,
    measure: 'kullbackLeibler',
    noiseGrowth: 2 ** 12,
    precisionBits: 1,
  });
  const epoch = foundEpoch(lattice, key, new Uint8Array(32).fill(3));
  const { publicKey: collective, shares, keys } = foundSharedKey(epoch, planned);
  const set = activeSet(epoch.roster, [1, 3]);
  const ledgers = new Map([1, 3].map((member) => [member, new DecryptionLedger(member)]));
  const memberOf = (member: number) => {
    const share = shares.get(member);
    const ledger = ledgers.get(member);
    if (share === undefined || ledger === undefined) throw new Error(`no member ${member}`);
    return { share, ledger };
  };
  const stored: number[] = [];
  const refresher = collectiveRefresher({
    epoch,
    context,
    rule,
    activeSet: set,
    ask: (spent, target) =>
      Promise.all(
        [1, 3].map((member) => {
          const store = async (record: Uint8Array): Promise<void> => void stored.push(record.length);
          return answerRefresh({ ...memberOf(member), activeSet: set, store }, spent, target);
        }),
      ),
  });
  const encrypted = encryptInputs(planned, context, { publicKey: collective }, { x });
  const out = (await ckksExecutor(planned, context, keys, { refresher }).run(inputsFrom(encrypted))).get('out');
  const clear = (await clearExecutor(long).run(inputsFrom({ x }))).get('out');
  if (out === undefined || clear === undefined) throw new Error('no output');
  // The last turn asks for no more levels than are left: nobody is asked.
  expect(stored.length).toBe(12);
  const open = (ciphertext: Ciphertext): Float64Array =>
    openCkks(
      epoch,
      ciphertext,
      set,
      [1, 3].map((member) => {
        const { share, ledger } = memberOf(member);
        return partialDecrypt(share, authoriseCkks(ledger, epoch, ciphertext, set));
      }),
      SLOTS,
    );
  open(out).forEach((value, j) => {
    expect(Math.abs(value - clear[j])).toBeLessThan(2 ** -key.precisionBits * 8);
  });
  expect(key.precisionBits).toBeGreaterThan(3);
  expect(() => ckksExecutor(plan(long, parameters, { refresh: ownerRefresh }), context, keys)).toThrow('3 parties');
});

it('a plan for numbers that the masks are not made for is refused', () => {
  const parameters = insecureCkksParameters({ degree: 64, levels: 6, scaleBits: 55, limbsPerLevel: 2, digits: 3 });
  const refresh = collectiveRefresh({ answers: 2, refreshes: 20, magnitude: 0.5 });
  expect(() => plan(long, parameters, { refresh })).toThrow('made for up to 0.5');
});
