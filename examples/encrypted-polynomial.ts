// A server evaluates a polynomial, an average and a weighted sum on numbers that it cannot read.
//
// The owner of the numbers makes the keys, encrypts 4096 of them, and sends ciphertexts and evaluation keys; the server answers
// with ciphertexts; only the owner opens them. Every result is compared with the computation in the clear, and the
// program ends with status 1 if one is further off than the noise estimate allows.
//
// Prints: all results are right

import {
  type Ciphertext,
  ckksContext,
  decrypt,
  encrypt,
  evaluatePolynomial,
  galoisKeys,
  innerSum,
  innerSumSteps,
  multiply,
  multiplyByConstant,
  noiseBudget,
  publicKey,
  relinearisationKey,
  rescale,
  secretKey,
} from '@sumus/lattice/ckks';
import { wasmEngine } from '@sumus/lattice/engine';
import { ckksPreset } from '@sumus/lattice/parameters';
import { nodePrimitives } from '@sumus/platform/node';

const lattice = { engine: await wasmEngine(), primitives: nodePrimitives() };
const context = ckksContext(lattice, ckksPreset('learn-14d'));
console.log(String(context));

// The owner's side: keys, and two vectors of numbers between −1 and 1.
const secret = secretKey(context);
const forEncryption = publicKey(context, secret);
const relinearisation = relinearisationKey(context, secret);
const rotations = galoisKeys(context, secret, { rotations: innerSumSteps(context.parameters.slots) });
const x = Float64Array.from({ length: 4096 }, (_, i) => Math.sin(i));
const y = Float64Array.from({ length: 4096 }, (_, i) => Math.cos(i * i));
const encryptedX = encrypt(context, forEncryption, x);
const encryptedY = encrypt(context, forEncryption, y);

// The server's side: it holds the ciphertexts, the relinearisation key and the rotation keys, and never the secret.
// The sigmoid's cubic approximation of Kim, Song, Wang, Xia and Jiang (2018), for arguments up to 8.
const sigmoid = [0.5, 1.20096 / 8, 0, -0.81562 / 8 ** 3];
const answers: readonly {
  readonly what: string;
  readonly answer: Ciphertext;
  readonly expected: (i: number) => number;
}[] = [
  {
    what: 'sigmoid(x), degree 3',
    answer: evaluatePolynomial(encryptedX, sigmoid, relinearisation),
    expected: (i) => horner(sigmoid, x[i] ?? 0),
  },
  {
    what: 'x·y',
    answer: multiply(encryptedX, encryptedY, relinearisation),
    expected: (i) => (x[i] ?? 0) * (y[i] ?? 0),
  },
  {
    what: 'the mean of x, in every slot',
    answer: rescale(multiplyByConstant(innerSum(encryptedX, context.parameters.slots, rotations), 1 / x.length)),
    expected: () => x.reduce((sum, value) => sum + value, 0) / x.length,
  },
];

// The owner's side again.
let right = true;
for (const { what, answer, expected } of answers) {
  const opened = decrypt(secret, answer);
  const error = x.reduce((worst, _, i) => Math.max(worst, Math.abs((opened[i] ?? Number.NaN) - expected(i))), 0);
  // The largest of 4096 errors of a deviation is below seven of it.
  const allowed = 7 * answer.estimate.errorStddev;
  right &&= error <= allowed;
  const { precisionBits } = noiseBudget(answer);
  console.log(
    `${what}: largest error ${error.toExponential(1)}, at most ${allowed.toExponential(1)} expected; ` +
      `level ${answer.level}, ${precisionBits.toFixed(1)} bits`,
  );
}
secret.wipe();
console.log(right ? 'all results are right' : 'A RESULT IS WRONG');
process.exitCode = right ? 0 : 1;

function horner(coefficients: readonly number[], at: number): number {
  return coefficients.reduceRight((sum, coefficient) => sum * at + coefficient, 0);
}
