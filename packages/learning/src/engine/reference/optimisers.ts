import type { OptimiserKernels } from '../optimiser-kernels.ts';

export function referenceOptimisers(floats: () => Float32Array): OptimiserKernels {
  return {
    sgd(w, gradient, v, n, rate, momentum, nesterov, decay) {
      const f = floats();
      for (let i = 0; i < n; i++) {
        const g = f[gradient / 4 + i] + decay * f[w / 4 + i];
        let step = g;
        if (momentum !== 0) {
          const speed = momentum * f[v / 4 + i] + g;
          f[v / 4 + i] = speed;
          step = nesterov !== 0 ? g + momentum * speed : speed;
        }
        f[w / 4 + i] -= rate * step;
      }
    },
    adamW(w, gradient, m, v, n, rate, beta1, beta2, epsilon, decay, correction1, correction2) {
      const f = floats();
      for (let i = 0; i < n; i++) {
        const g = f[gradient / 4 + i];
        const first = beta1 * f[m / 4 + i] + (1 - beta1) * g;
        const second = beta2 * f[v / 4 + i] + (1 - beta2) * g * g;
        f[m / 4 + i] = first;
        f[v / 4 + i] = second;
        const step = (first * correction1) / (Math.sqrt(second * correction2) + epsilon);
        f[w / 4 + i] -= rate * (step + decay * f[w / 4 + i]);
      }
    },
  };
}
