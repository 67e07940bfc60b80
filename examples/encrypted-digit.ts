// A digit is recognised by a machine that cannot see it.
//
// A server trains a small convolutional network whose activations are squares. Somebody else encrypts a handwritten digit; the server computes
// on the ciphertext and answers with ten encrypted numbers; only the owner of the digit opens them and looks which is the largest. Every
// answer is compared with the network in the clear.
//
// Prints: 3 of 3 digits are recognised as in the clear

import { createRequire } from 'node:module';
import { ckksExecutor, decryptOutput, encryptOwnInput, evaluationKeys } from '@sumus/encrypted-learning/execute';
import { explain, planFor } from '@sumus/encrypted-learning/parameters';
import {
  boundedNetwork,
  exampleOutputs,
  packedExample,
  packOneExample,
  polynomialNetwork,
  precisionBitsFor,
} from '@sumus/encrypted-learning/prediction';
import { ckksContext, expand, secretKey } from '@sumus/lattice/ckks';
import { wasmEngine } from '@sumus/lattice/engine';
import { wasmEngine as learningEngine } from '@sumus/learning/engine';
import { architecture } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { evaluate, train } from '@sumus/learning/training';
import { nodePrimitives } from '@sumus/platform/node';

const PIXELS = 28 * 28;

// The server: a network that can be computed on ciphertexts, because it has nothing but sums, products and squares.
const model = architecture({
  input: [28, 28, 1],
  layers: [
    { kind: 'conv2d', filters: 4, kernel: 5, step: 2, padding: 1 },
    { kind: 'square' },
    { kind: 'flatten' },
    { kind: 'dense', units: 32, initialiser: 'glorot' },
    { kind: 'square' },
    { kind: 'dense', units: 10, initialiser: 'glorot' },
  ],
});
const { training, unseen } = digits();
const network = new Network(await learningEngine(), model, { seed: 1, maxBatch: 64 });
const epochs = 5;
const steps = epochs * Math.ceil(training.targets.length / 64);
const events = train(network, training, {
  loss: { kind: 'crossEntropy' },
  optimiser: { kind: 'adamW', learningRate: 3e-3, weightDecay: 0.01, schedule: { kind: 'cosine', steps } },
  epochs,
  batchSize: 64,
  seed: 2,
});
for await (const event of events) {
  if (event.kind === 'epoch') console.log(`epoch ${event.epoch}: loss ${event.meanLoss.toFixed(3)}`);
}
const accuracy = evaluate(network, unseen, { kind: 'crossEntropy' }).classes?.accuracy ?? 0;
console.log(`${(100 * accuracy).toFixed(1)} % of ${unseen.targets.length} unseen digits are right, in the clear`);

// What both sides know: the circuit, and the parameters that it needs at 128 bits. Outputs may be off by a thousandth.
const bounded = boundedNetwork(polynomialNetwork(model, network.parameters));
const packing = packOneExample(bounded);
const plan = planFor(packing.circuit, {
  encryptedWith: 'secret key',
  precisionBits: precisionBitsFor(bounded, 1e-3),
  noise: 'typical',
});
console.log(explain(plan));

// The owner of the digits: keys. The server gets those that compute, never the one that opens.
const context = ckksContext({ engine: await wasmEngine(), primitives: nodePrimitives() }, plan.parameters);
const secret = secretKey(context);
const server = ckksExecutor(plan, context, evaluationKeys(plan, context, secret), { encodings: 'all' });

let asInTheClear = 0;
for (const i of [250, 500, 750]) {
  const digit = unseen.inputs.subarray(i * PIXELS, (i + 1) * PIXELS);
  const pixels = packedExample(packing, digit);

  const began = performance.now();
  const answer = await server.run({
    encrypted: (name) => expand(encryptOwnInput(plan, context, secret, name, pixels.get(name) ?? [])),
  });
  const seconds = (performance.now() - began) / 1000;

  const opened = new Map([...answer].map(([name, value]) => [name, decryptOutput(plan, secret, value)]));
  const outputs = exampleOutputs(packing, opened);
  const expected = network.predict(digit);
  const error = outputs.reduce((worst, y, o) => Math.max(worst, Math.abs(y - (expected[o] ?? Number.NaN))), 0);
  const [seen, known] = [outputs, expected].map((all) => all.indexOf(Math.max(...all)));
  if (seen === known && error < 0.01) asInTheClear += 1;
  console.log(
    `a ${unseen.targets[i]} is taken for a ${seen} after ${seconds.toFixed(1)} s; outputs off by at most ${error.toExponential(1)}`,
  );
}
secret.wipe();
console.log(`${asInTheClear} of 3 digits are recognised as in the clear`);
process.exitCode = asInTheClear === 3 && accuracy > 0.9 ? 0 : 1;

interface Digits {
  readonly inputs: Float32Array;
  readonly targets: Uint32Array;
}

/** The 10,000 digits of the `mnist` package, every tenth kept apart. */
function digits(): { training: Digits; unseen: Digits } {
  const require = createRequire(import.meta.url);
  const parts: readonly { readonly pixels: number[]; readonly labels: number[] }[] = [
    { pixels: [], labels: [] },
    { pixels: [], labels: [] },
  ];
  for (let label = 0; label < 10; label++) {
    const { data }: { data: number[] } = require(`mnist/src/digits/${label}.json`);
    for (let i = 0; (i + 1) * PIXELS <= data.length; i++) {
      const part = parts[i % 10 === label ? 1 : 0];
      part?.pixels.push(...data.slice(i * PIXELS, (i + 1) * PIXELS));
      part?.labels.push(label);
    }
  }
  const [training, unseen] = parts.map(({ pixels, labels }) => ({
    inputs: Float32Array.from(pixels),
    targets: Uint32Array.from(labels),
  }));
  if (training === undefined || unseen === undefined) throw new Error('there are no digits');
  return { training, unseen };
}
