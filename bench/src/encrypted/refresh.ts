// New levels for a spent ciphertext at N = 32768, ten double levels: by its owner, and by two of three members of a shared key (what each
// member computes and sends, what the machine computes). And how well the cost model foretells time: processor time for each unit of work,
// over operations that are made of different parts.

import { circuit } from '@sumus/encrypted-learning/circuit';
import { ckksExecutor, evaluationKeys } from '@sumus/encrypted-learning/execute';
import { plan } from '@sumus/encrypted-learning/parameters';
import { ownerRefresher } from '@sumus/encrypted-learning/refresh';
import { type Ciphertext, ckksContext, dropTo, encrypt, publicKey, secretKey } from '@sumus/lattice/ckks';
import { wasmEngine } from '@sumus/lattice/engine';
import { type CkksParameters, ckksParameters } from '@sumus/lattice/parameters';
import {
  activeSet,
  authoriseCkksRefresh,
  beginKey,
  combineRefresh,
  DecryptionLedger,
  finishKey,
  foundEpoch,
  refreshAnswer,
  refreshRule,
  revealKey,
  sharedCkksParameters,
} from '@sumus/lattice/shared-keys';
import { encodeRefreshAnswer } from '@sumus/lattice/wire';
import { nodePrimitives } from '@sumus/platform/node';
import type { Findings } from '../lattice/row.ts';
import type { BenchOptions, Result } from '../report.ts';

export async function refreshRows({ smoke, say }: BenchOptions): Promise<Findings> {
  const lattice = { engine: await wasmEngine(), primitives: nodePrimitives() };
  const parameters = ckksParameters(
    smoke
      ? { degree: 16384, levels: 5, digits: 4, limbsPerLevel: 2, scaleBits: 55 }
      : { degree: 32768, levels: 10, digits: 3, limbsPerLevel: 2, scaleBits: 55 },
  );
  const repeats = smoke ? 1 : 5;
  say('refresh');
  const results = [
    await byOwner(lattice, parameters, repeats),
    ...byMembers(lattice, parameters, repeats),
    ...(await workAndTime(lattice, parameters, repeats)),
  ];
  return { results, outcomes: [] };
}

type Lattice = Parameters<typeof ckksContext>[0];

/** Smallest processor time of the repeats, in milliseconds. */
async function fastest(repeats: number, work: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < repeats; i += 1) {
    const start = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

async function byOwner(lattice: Lattice, parameters: CkksParameters, repeats: number): Promise<Result> {
  const context = ckksContext(lattice, parameters);
  const secret = secretKey(context);
  const spent = dropTo(encrypt(context, publicKey(context, secret), [0.5, -0.25]), 0);
  const refresher = ownerRefresher(context, secret);
  const cpuMs = await fastest(repeats, () => refresher.refresh(spent, parameters.topLevel));
  return { name: 'refresh by the owner', cpuMs };
}

function byMembers(lattice: Lattice, ckks: CkksParameters, repeats: number): Result[] {
  const key = sharedCkksParameters({
    ckks,
    members: [1, 2, 3],
    threshold: 2,
    decryptions: 4,
    measure: 'kullbackLeibler',
    precisionBits: 1,
  });
  const epoch = foundEpoch(lattice, key, new Uint8Array(32).fill(1));
  const begun = epoch.roster.members.map((member) => beginKey(epoch, member));
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
  const [{ publicKey: collective }] = finished as [(typeof finished)[number]];
  const context = ckksContext(lattice, ckks);
  const rule = refreshRule({ ckks, answers: 2, refreshes: 1000 });
  const set = activeSet(epoch.roster, [1, 2]);
  const target = { rule, context, from: rule.operandLevel, to: ckks.topLevel };
  const best = { answerMs: Number.POSITIVE_INFINITY, combineMs: Number.POSITIVE_INFINITY };
  let bytes = 0;
  for (let i = 0; i < repeats; i += 1) {
    const spent: Ciphertext = dropTo(encrypt(context, collective, [0.5, -0.25]), rule.operandLevel);
    const answers = finished.slice(0, 2).map(({ share }) => {
      const token = authoriseCkksRefresh(new DecryptionLedger(share.member), epoch, rule, spent, set);
      const start = process.cpuUsage();
      const answer = refreshAnswer(share, token, target);
      const { user, system } = process.cpuUsage(start);
      best.answerMs = Math.min(best.answerMs, (user + system) / 1000);
      return answer;
    });
    const start = process.cpuUsage();
    combineRefresh(epoch, spent, set, target, answers);
    const { user, system } = process.cpuUsage(start);
    best.combineMs = Math.min(best.combineMs, (user + system) / 1000);
    const [first] = answers;
    if (first !== undefined) bytes = encodeRefreshAnswer(epoch, first).length;
  }
  const { operandLevel, maskBits } = rule;
  return [
    { name: 'refresh by members: one member', cpuMs: best.answerMs, messageBytes: bytes, operandLevel, maskBits },
    { name: 'refresh by members: the machine, two answers', cpuMs: best.combineMs },
  ];
}

/** The same work in different proportions of products, rotations and rescalings. */
async function workAndTime(lattice: Lattice, parameters: CkksParameters, repeats: number): Promise<Result[]> {
  const context = ckksContext(lattice, parameters);
  const secret = secretKey(context);
  const circuits = [
    circuit('products', 4096, (c) => c.output('out', c.square(c.square(c.square(c.input('x')))))),
    circuit('rotations and sums', 4096, (c) =>
      c.output('out', c.innerSum(c.input('x', { magnitude: 2 ** -12 }), 4096)),
    ),
    circuit('a polynomial of degree 15', 4096, (c) =>
      c.output(
        'out',
        c.polynomial(
          c.input('x'),
          Array.from({ length: 16 }, (_, i) => 0.5 ** (i + 1)),
        ),
      ),
    ),
    circuit('products with numbers', 4096, (c) => {
      const inputs = c.inputs('x', 16);
      c.output('out', c.combination(inputs.map((value, i) => ({ value, factor: 0.1 + 0.05 * i }))));
    }),
  ];
  const results: Result[] = [];
  for (const made of circuits) {
    const planned = plan(made, parameters);
    const executor = ckksExecutor(planned, context, evaluationKeys(planned, context, secret));
    const key = publicKey(context, secret);
    const encrypted = (name: string): Ciphertext => {
      const at = made.operations.findIndex((one) => one.kind === 'input' && one.name === name);
      const operation = made.operations[at];
      const magnitude = operation?.kind === 'input' ? operation.magnitude : 1;
      return encrypt(context, key, [magnitude / 2], { level: planned.levels[at] ?? 0, magnitude, slots: made.slots });
    };
    const inputs = new Map<string, Ciphertext>();
    for (const operation of made.operations)
      if (operation.kind === 'input') inputs.set(operation.name, encrypted(operation.name));
    const cpuMs = await fastest(repeats, () =>
      executor.run({ encrypted: (name) => inputs.get(name) ?? encrypted(name) }),
    );
    const { work } = planned.cost;
    results.push({ name: `work and time: ${made.name}`, cpuMs, work, microsecondsPerUnit: (1000 * cpuMs) / work });
  }
  return results;
}
