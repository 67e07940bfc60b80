// The exact samplers of @sumus/differential-privacy, in the shape in which noise on a table asks for them.
import { randomFillSync } from 'node:crypto';
import type { NoiseSamplers } from '@sumus/dataset/perturbation';
import { tightestEpsilon } from '@sumus/differential-privacy/accountants';
import { under } from '@sumus/differential-privacy/mechanisms';
import { discreteGaussian, discreteLaplace, type RandomSource, RandomWords } from '@sumus/differential-privacy/noise';
import { exactCoin } from '@sumus/differential-privacy/sampling';

const operatingSystem: RandomSource = {
  fill: (out) => {
    randomFillSync(out);
  },
};

export function noiseSamplers(source: RandomSource = operatingSystem): NoiseSamplers {
  const words = new RandomWords(source);
  // A cell may become any other: replacing one record.
  const mechanisms = under({ adjacency: 'replace-one', unit: 'record' });
  return {
    discreteLaplace: (scale) => discreteLaplace(scale, source),
    discreteGaussian: (stddev) => discreteGaussian(stddev, source),
    coin: (probability) => {
      const coin = exactCoin(probability);
      return () => coin(words);
    },
    below: (bound) => words.below(bound),
    gaussianEpsilon: (stddev, sensitivity, delta) => {
      const answer = tightestEpsilon([mechanisms.discreteGaussian({ noiseStddev: stddev, sensitivity })], delta);
      if (answer.kind !== 'bound') throw new Error(`no bound for Gaussian noise of deviation ${stddev}`);
      return answer.epsilon;
    },
  };
}
