import type { LossKernels } from '../loss-kernels.ts';
import type { EngineMemory } from '../memory.ts';

export function referenceLosses(memory: EngineMemory, floats: () => Float32Array): LossKernels {
  /** A loss that is the mean over columns of a function of (output, target), given with its derivative. */
  const meanOf =
    (loss: (z: number, t: number) => readonly [value: number, derivative: number]) =>
    (losses: number, gradient: number, outputs: number, targets: number, rows: number, columns: number): void => {
      const f = floats();
      for (let r = 0; r < rows; r++) {
        let total = 0;
        for (let j = r * columns; j < (r + 1) * columns; j++) {
          const [value, derivative] = loss(f[outputs / 4 + j], f[targets / 4 + j]);
          total += value;
          f[gradient / 4 + j] = derivative / columns;
        }
        f[losses / 4 + r] = total / columns;
      }
    };
  return {
    crossEntropy(losses, gradient, logits, labels, rows, classes) {
      for (let r = 0; r < rows; r++) {
        const z = memory.f32(logits + 4 * r * classes, classes);
        const largest = Math.max(...z);
        const powers = Array.from(z, (value) => Math.exp(value - largest));
        const total = powers.reduce((sum, value) => sum + value, 0);
        const label = memory.u32(labels, rows)[r];
        memory.f32(losses, rows)[r] = Math.log(total) - (z[label] - largest);
        memory.f32(gradient + 4 * r * classes, classes).set(powers.map((p, j) => p / total - (j === label ? 1 : 0)));
      }
    },
    binaryCrossEntropy: meanOf((z, t) => [
      Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - t * z,
      1 / (1 + Math.exp(-z)) - t,
    ]),
    squaredError: meanOf((z, t) => [(z - t) ** 2, 2 * (z - t)]),
    huber: (losses, gradient, outputs, targets, rows, columns, delta) =>
      meanOf((z, t) => {
        const e = z - t;
        return Math.abs(e) <= delta ? [0.5 * e * e, e] : [delta * (Math.abs(e) - 0.5 * delta), delta * Math.sign(e)];
      })(losses, gradient, outputs, targets, rows, columns),
  };
}
