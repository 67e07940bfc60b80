import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import {
  accuracy,
  areaUnderCurve,
  calibrationBins,
  classReports,
  confusionMatrix,
  expectedCalibrationError,
  logLoss,
  macroReport,
  mean,
  predictedClasses,
  standardDeviation,
  sum,
  topAccuracy,
} from './index.ts';

const runs = { numRuns: 200, seed: 11 };
const refuses = (call: () => unknown, message: RegExp): void => {
  expect(call).toThrow(ParameterError);
  expect(call).toThrow(message);
};

describe('accuracy and top-k', () => {
  const scores = [0.1, 0.9, 0, 0.5, 0.5, 0.5, 3, 2, 1];

  it('are these by hand: of equal scores the first class counts', () => {
    expect(Array.from(predictedClasses(scores, 3))).toEqual([1, 0, 0]);
    expect(accuracy([1, 0, 0], [1, 1, 0])).toBe(2 / 3);
    expect(topAccuracy(scores, [0, 2, 2], { classCount: 3, k: 1 })).toBe(0);
    expect(topAccuracy(scores, [0, 2, 2], { classCount: 3, k: 2 })).toBe(1 / 3);
    expect(topAccuracy(scores, [0, 2, 2], { classCount: 3, k: 3 })).toBe(1);
  });

  it('agree with sorting every row', () => {
    const rows = fc.array(
      fc.tuple(fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 4, maxLength: 4 }), fc.nat(3)),
      {
        minLength: 1,
      },
    );
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 4 }), (examples, k) => {
        const naive = examples.filter(([row, label]) => {
          const best = row.map((score, c) => ({ score, c })).sort((a, b) => b.score - a.score || a.c - b.c);
          return best.slice(0, k).some(({ c }) => c === label);
        }).length;
        const flat = examples.flatMap(([row]) => row);
        const labels = examples.map(([, label]) => label);
        expect(topAccuracy(flat, labels, { classCount: 4, k })).toBe(naive / examples.length);
        if (k === 1) expect(accuracy(predictedClasses(flat, 4), labels)).toBe(naive / examples.length);
      }),
      runs,
    );
  });

  it('refuse what cannot be measured', () => {
    refuses(() => accuracy([], []), /no prediction/);
    refuses(() => accuracy([1], [1, 2]), /1 predictions do not go with 2 labels/);
    refuses(() => accuracy([1], [1.5]), /label 0 is 1.5/);
    refuses(() => predictedClasses([1, 2, Number.NaN], 3), /score 2 is NaN/);
    refuses(() => predictedClasses([1, 2, 3], 2), /no whole rows/);
    refuses(() => predictedClasses([1, 2, 3], 1), /no number of classes/);
    refuses(() => topAccuracy([1, 2], [2], { classCount: 2, k: 1 }), /label 0 is 2, which is none of 2/);
    refuses(() => topAccuracy([1, 2], [1], { classCount: 2, k: 3 }), /top-3 of 2/);
    refuses(() => topAccuracy([1, 2], [1, 1], { classCount: 2, k: 1 }), /1 rows of scores do not go with 2/);
  });
});

describe('a confusion matrix', () => {
  const labels = [0, 0, 0, 1, 1, 2];
  const predictions = [0, 0, 1, 1, 2, 1];

  it('has labels as rows and predictions as columns', () => {
    expect(Array.from(confusionMatrix(predictions, labels, 4).counts)).toEqual([
      ...[2, 1, 0, 0],
      ...[0, 1, 1, 0],
      ...[0, 1, 0, 0],
      ...[0, 0, 0, 0],
    ]);
  });

  it('gives precision, recall and F1 by hand, with 0/0 as 0', () => {
    const matrix = confusionMatrix(predictions, labels, 4);
    expect(classReports(matrix)).toEqual([
      { precision: 1, recall: 2 / 3, f1: 4 / 5, support: 3 },
      { precision: 1 / 3, recall: 1 / 2, f1: 2 / 5, support: 2 },
      { precision: 0, recall: 0, f1: 0, support: 1 },
      { precision: 0, recall: 0, f1: 0, support: 0 },
    ]);
    const { precision, recall, f1 } = macroReport(matrix);
    expect(precision).toBeCloseTo((1 + 1 / 3) / 4, 15);
    expect(recall).toBeCloseTo((2 / 3 + 1 / 2) / 4, 15);
    expect(f1).toBeCloseTo((4 / 5 + 2 / 5) / 4, 15);
  });

  it('agrees with counting pairs', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { minLength: 1 }), (pairs) => {
        const matrix = confusionMatrix(
          pairs.map(([p]) => p),
          pairs.map(([, l]) => l),
          4,
        );
        const reports = classReports(matrix);
        for (let c = 0; c < 4; c++) {
          const right = pairs.filter(([p, l]) => p === c && l === c).length;
          const predicted = pairs.filter(([p]) => p === c).length;
          const present = pairs.filter(([, l]) => l === c).length;
          const precision = predicted === 0 ? 0 : right / predicted;
          const recall = present === 0 ? 0 : right / present;
          expect(reports[c].precision).toBe(precision);
          expect(reports[c].recall).toBe(recall);
          const harmonic = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
          expect(reports[c].f1).toBeCloseTo(harmonic, 14);
        }
      }),
      runs,
    );
  });

  it('refuses labels and predictions out of range', () => {
    refuses(() => confusionMatrix([0], [4], 4), /label 0 is 4/);
    refuses(() => confusionMatrix([-1], [0], 4), /prediction 0 is -1/);
    refuses(() => confusionMatrix([Number.NaN], [0], 4), /prediction 0 is NaN/);
    refuses(() => confusionMatrix([], [], 4), /no prediction/);
  });
});

describe('the area under the curve', () => {
  it('is these by hand', () => {
    expect(areaUnderCurve([1, 2, 3, 4], [0, 0, 1, 1])).toBe(1);
    expect(areaUnderCurve([1, 2, 3, 4], [1, 1, 0, 0])).toBe(0);
    expect(areaUnderCurve([7, 7, 7], [0, 1, 0])).toBe(0.5);
    expect(areaUnderCurve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBe(0.75);
    expect(areaUnderCurve([0, -0, 1], [0, 1, 1])).toBe(0.75);
  });

  it('is exactly the share of pairs in order, ties one half', () => {
    const examples = fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.nat(1)), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(examples, (pairs) => {
        const positives = pairs.filter(([, label]) => label === 1).map(([score]) => score);
        const negatives = pairs.filter(([, label]) => label === 0).map(([score]) => score);
        fc.pre(positives.length > 0 && negatives.length > 0);
        let halves = 0;
        for (const p of positives) for (const n of negatives) halves += p > n ? 2 : p === n ? 1 : 0;
        const area = areaUnderCurve(
          pairs.map(([score]) => score / 7),
          pairs.map(([, label]) => label),
        );
        expect(area).toBe(halves / (2 * positives.length * negatives.length));
      }),
      runs,
    );
  });

  it('refuses one class alone, other labels, and NaN', () => {
    refuses(() => areaUnderCurve([1, 2], [1, 1]), /needs labels 0 and 1/);
    refuses(() => areaUnderCurve([1, 2], [1, 2]), /label 1 is 2/);
    refuses(() => areaUnderCurve([1, Number.NaN], [1, 0]), /score 1 is NaN/);
    refuses(() => areaUnderCurve([], []), /no label/);
    refuses(() => areaUnderCurve([1], [0, 1]), /1 scores do not go with 2 labels/);
  });
});

describe('log loss', () => {
  it('is the mean of -ln p, an impossible label finite', () => {
    expect(logLoss([0.25, 0.75, 0.5, 0.5], [0, 1], 2)).toBeCloseTo((Math.log(4) + Math.log(2)) / 2, 15);
    expect(logLoss([1, 0], [0], 2)).toBeCloseTo(0, 15);
    expect(logLoss([1, 0], [1], 2)).toBeCloseTo(-Math.log(1e-15), 12);
  });

  it('refuses what is no probability', () => {
    refuses(() => logLoss([0.5, 0.6], [0], 2), /row 0 sum to 1.1/);
    refuses(() => logLoss([-0.1, 1.1], [0], 2), /probability 0 is -0.1/);
    refuses(() => logLoss([Number.NaN, 1], [0], 2), /probability 0 is NaN/);
    refuses(() => logLoss([0.5, 0.5], [2], 2), /label 0 is 2/);
    refuses(() => logLoss([], [], 2), /no probability/);
    refuses(() => logLoss([0.5, 0.5, 1], [1], 2), /3 probabilities do not go with 2/);
  });
});

describe('the expected calibration error', () => {
  it('is this by hand: bins (0, ½] and (½, 1]', () => {
    // Confidences 0.5 (right), 0.75 (right), 1 (wrong): |1 - 0.5|/3 + |0.5 - 0.875|·2/3.
    const probabilities = [0.5, 0.5, 0.25, 0.75, 1, 0];
    const bins = calibrationBins(probabilities, [0, 1, 1], { classCount: 2, binCount: 2 });
    expect(bins).toEqual([
      { lower: 0, upper: 0.5, count: 1, meanConfidence: 0.5, accuracy: 1 },
      { lower: 0.5, upper: 1, count: 2, meanConfidence: 0.875, accuracy: 0.5 },
    ]);
    expect(expectedCalibrationError(probabilities, [0, 1, 1], { classCount: 2, binCount: 2 })).toBeCloseTo(5 / 12, 15);
  });

  it('agrees with testing every example against every bin, on borders too', () => {
    const examples = fc.array(fc.tuple(fc.nat(60), fc.nat(1)), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(examples, fc.integer({ min: 1, max: 30 }), (pairs, binCount) => {
        const rows = pairs.map(([p]) => [p / 60, 1 - p / 60]);
        const labels = pairs.map(([, label]) => label);
        let expected = 0;
        for (let bin = 0; bin < binCount; bin++) {
          const inside = rows.flatMap((row, i) => {
            const confidence = Math.max(...row);
            const isIn = confidence <= (bin + 1) / binCount && confidence > bin / binCount;
            return isIn ? [{ confidence, right: (row[0] >= row[1] ? 0 : 1) === labels[i] ? 1 : 0 }] : [];
          });
          if (inside.length === 0) continue;
          const gap = inside.reduce((total, { confidence, right }) => total + right - confidence, 0) / inside.length;
          expected += (inside.length / rows.length) * Math.abs(gap);
        }
        const found = expectedCalibrationError(rows.flat(), labels, { classCount: 2, binCount });
        expect(found).toBeCloseTo(expected, 12);
      }),
      runs,
    );
  });

  it('counts a confidence on a border below it, however the border rounds', () => {
    for (let binCount = 1; binCount <= 200; binCount++) {
      for (let i = Math.ceil(binCount / 2); i <= binCount; i++) {
        const bins = calibrationBins([i / binCount, 1 - i / binCount], [0], { classCount: 2, binCount });
        if (bins[i - 1].count !== 1) throw new Error(`${i}/${binCount} is not in bin ${i - 1}`);
      }
    }
  });

  it('refuses no bins', () => {
    refuses(() => expectedCalibrationError([0.5, 0.5], [0], { classCount: 2, binCount: 0 }), /0 is no number of bins/);
  });
});

describe('sums, means and deviations', () => {
  it('lose nothing to order or size', () => {
    expect(sum([1, 1e100, 1, -1e100])).toBe(2);
    expect(mean([1e16, 1, -1e16, 1])).toBe(0.5);
    expect(sum([])).toBe(0);
    // One-pass formulas give 0 or worse here.
    expect(standardDeviation([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16])).toBeCloseTo(Math.sqrt(30), 12);
    expect(standardDeviation([2, 2, 2])).toBe(0);
  });

  it('agree with exact sums of integers', () => {
    const integers = fc.array(fc.integer({ min: -(2 ** 51), max: 2 ** 51 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(integers, (values) => {
        const exact = values.reduce((total, value) => total + BigInt(value), 0n);
        expect(sum(values)).toBe(Number(exact) + 0);
      }),
      runs,
    );
  });

  it('refuse nothing, NaN, and sums beyond doubles', () => {
    refuses(() => mean([]), /no value/);
    refuses(() => standardDeviation([1]), /one value/);
    refuses(() => sum([1, Number.NaN]), /value 1 is NaN/);
    refuses(() => mean([1, Number.POSITIVE_INFINITY]), /value 1 is Infinity/);
    refuses(() => sum([1e308, 1e308]), /beyond doubles/);
  });
});
