// @jax-js/jax on its WebAssembly backend, compiled (jit). Convolutions are patches times filters, written out: its own lax.conv is
// twenty times slower here. Its arrays are counted by hand: a function consumes its arguments, `.ref` keeps one.

import { blockUntilReady, defaultDevice, grad, init, type Array as JaxArray, jit, nn, numpy as np } from '@jax-js/jax';
import { type Competitor, LEARNING_RATE, stretches, type Work } from './work.ts';

const dense = (x: JaxArray, w: JaxArray, b: JaxArray): JaxArray => np.matmul(x, w).add(b);

/** Patches of 5×5, padded by 2: examples·size·size rows of 25·channels. */
function patches(x: JaxArray, batch: number, size: number, channels: number): JaxArray {
  const padded = np.pad(x, [
    [0, 0],
    [2, 2],
    [2, 2],
    [0, 0],
  ]);
  const taps: JaxArray[] = [];
  for (let ky = 0; ky < 5; ky++) {
    for (let kx = 0; kx < 5; kx++) taps.push(padded.ref.slice([], [ky, ky + size], [kx, kx + size], []));
  }
  padded.dispose();
  return np.concatenate(taps, 3).reshape([batch * size * size, 25 * channels]);
}

function block(x: JaxArray, w: JaxArray, b: JaxArray, batch: number, size: number, channels: number): JaxArray {
  const filters = w.shape[3] ?? 0;
  const y = np.matmul(patches(x, batch, size, channels), w.reshape([25 * channels, filters])).add(b);
  const windows = nn.relu(y).reshape([batch, size / 2, 2, size / 2, 2, filters]);
  return np.max(windows, [2, 4]);
}

function outputs({ name, batch }: Work, p: readonly JaxArray[], x: JaxArray): JaxArray {
  const [p0, p1, p2, p3, p4, p5, p6, p7] = p;
  if (!p0 || !p1 || !p2 || !p3) throw new Error('parameters are missing');
  if (name === 'mlp') return dense(nn.relu(dense(x, p0, p1)), p2, p3);
  if (!p4 || !p5 || !p6 || !p7) throw new Error('parameters are missing');
  const first = block(x.reshape([batch, 28, 28, 1]), p0, p1, batch, 28, 1);
  const second = block(first, p2, p3, batch, 14, 32).reshape([batch, 3136]);
  return dense(nn.relu(dense(second, p4, p5)), p6, p7);
}

export async function jax(work: Work): Promise<Competitor> {
  await init('wasm');
  defaultDevice('wasm');
  const x = np.array(work.inputs).reshape([work.batch, 784]);
  const labels = nn.oneHot(np.array(Int32Array.from(work.labels)), 10);
  let weights: JaxArray[] = stretches(work).map(({ shape, values }) => np.array(values).reshape([...shape]));
  const lossOf = (p: JaxArray[], input: JaxArray, target: JaxArray): JaxArray =>
    np.sum(nn.logSoftmax(outputs(work, p, input), -1).mul(target)).mul(-1 / work.batch);
  const lossOnly = jit(lossOf);
  const step = jit((p: JaxArray[], input: JaxArray, target: JaxArray): JaxArray[] => {
    const gradients: JaxArray[] = grad(lossOf)(
      p.map((one) => one.ref),
      input,
      target,
    );
    return p.map((one, i) => one.sub((gradients[i] ?? np.zeros([1])).mul(LEARNING_RATE)));
  });
  return {
    name: '@jax-js/jax 0.1.25, wasm, jit',
    async step() {
      weights = step(weights, x.ref, labels.ref);
      await blockUntilReady(weights);
    },
    loss: () =>
      Number(
        lossOnly(
          weights.map((one) => one.ref),
          x.ref,
          labels.ref,
        ).js(),
      ),
  };
}
