import { describe, expect, it } from 'vitest';
import { classesOfLabels, type RecodedColumn, type Release } from '../anonymise/release.ts';
import { ParameterError } from '../errors.ts';
import { featuresOf } from '../information-loss/features.ts';
import { qualityOf } from '../information-loss/quality.ts';
import { riskOf } from './risk.ts';

describe('risk', () => {
  it('is what El Emam says, by hand, without and with a population', () => {
    const classSizes = Uint32Array.of(1, 4, 0, 5);
    const alone = riskOf({ classSizes, threshold: 0.2 });
    expect(alone).toMatchObject({ rows: 10, classes: 3, smallestClass: 1, largestClass: 5, uniqueShare: 0.1 });
    expect(alone.prosecutor).toEqual({ highest: 1, average: 0.3, lowest: 0.2, shareAboveThreshold: 0.5 });
    expect(alone.journalist).toEqual(alone.prosecutor);
    expect(alone.marketer.average).toBeCloseTo(0.3, 15);
    const among = riskOf({ classSizes, populationSizes: Uint32Array.of(10, 4, 7, 50), threshold: 0.2 });
    expect(among.prosecutor).toEqual(alone.prosecutor);
    expect([alone.populationUniqueShare, among.populationUniqueShare]).toEqual([undefined, 0]);
    const lonely = riskOf({ classSizes, populationSizes: Uint32Array.of(1, 4, 7, 50) });
    expect(lonely.populationUniqueShare).toBe(0.1);
    // 1/4 is the highest; 3 classes of 64 people, against (1/10 + 4/4 + 5/50) / 10.
    expect(among.journalist.highest).toBe(0.25);
    expect(among.journalist.average).toBeCloseTo(0.12, 15);
    expect(among.marketer.average).toBeCloseTo(0.12, 15);
    expect(among.journalist.shareAboveThreshold).toBe(0.4);
  });

  it('of a table without rows is none, and a population smaller than its sample is refused', () => {
    expect(riskOf({ classSizes: new Uint32Array(3) }).prosecutor.highest).toBe(0);
    expect(() => riskOf({ classSizes: Uint32Array.of(2), populationSizes: Uint32Array.of(1) })).toThrow(ParameterError);
    expect(() => riskOf({ classSizes: Uint32Array.of(2), threshold: 0 })).toThrow(ParameterError);
  });
});

function column(codes: number[], share: number, height: number): RecodedColumn {
  const labels = [...new Set(codes)].map(String);
  return {
    name: 'x',
    codes: Uint32Array.from(codes),
    labels,
    shares: new Float64Array(labels.length).fill(share),
    heights: new Float64Array(labels.length).fill(height),
    originals: Uint32Array.of(0, 1, 2, 3),
    originalCount: 4,
    domainSize: 4,
  };
}

function release(one: RecodedColumn, suppressed: number[]): Release {
  const { classOfRow, classSizes } = classesOfLabels([one], 4);
  const flags = Uint8Array.from(suppressed);
  const kept = classSizes.map((size, at) => (flags[classOfRow.indexOf(at)] === 1 ? 0 : size));
  const suppressedRows = suppressed.filter((flag) => flag === 1).length;
  return {
    rowCount: 4,
    columns: [one],
    suppressed: flags,
    suppressedRows,
    classOfRow,
    classSizes: kept,
    populationSizes: undefined,
  };
}

describe('what a release keeps', () => {
  it('is everything where nothing changed', () => {
    const quality = qualityOf(release(column([0, 1, 2, 3], 0.25, 0), [0, 0, 0, 0]));
    expect(quality).toMatchObject({
      granularity: 1,
      precision: 1,
      discernibility: 1,
      averageClassSize: 1,
      ambiguity: 1,
    });
    expect(quality.nonUniformEntropy).toBe(1);
    expect(quality.divergenceBits).toBe(0);
  });

  it('is nothing where everything became one', () => {
    const quality = qualityOf(release(column([0, 0, 0, 0], 1, 1), [0, 0, 0, 0]));
    expect(quality).toMatchObject({
      granularity: 0,
      precision: 0,
      discernibility: 0,
      averageClassSize: 0,
      ambiguity: 0,
    });
    expect(quality.nonUniformEntropy).toBe(0);
  });

  it('is half a bit less certain, by hand, where two of four rows were joined', () => {
    // Labels a, a, b, c: two rows lose a bit each of the four that there are in all (2 bits a row).
    const one = { ...column([0, 0, 1, 2], 0.25, 0), shares: Float64Array.of(0.5, 0.25, 0.25) };
    const quality = qualityOf(release(one, [0, 0, 0, 0]));
    expect(quality.nonUniformEntropy).toBeCloseTo(1 - 2 / 8, 12);
    expect(quality.granularity).toBeCloseTo(1 - 0.125 / 0.75, 12);
    expect(quality.divergenceBits).toBeCloseTo(0, 12);
  });

  it('counts a suppressed row as one of which nothing is left', () => {
    const quality = qualityOf(release(column([0, 1, 2, 3], 0.25, 0), [1, 0, 0, 0]));
    expect(quality.granularity).toBeCloseTo(0.75, 12);
    expect(quality.precision).toBeCloseTo(0.75, 12);
    // A single suppressed row is not less certain: whoever sees the others knows it.
    expect(quality.nonUniformEntropy).toBe(1);
  });
});

describe('what a model sees of a release', () => {
  it('is a one for a clear cell, and the values that a label may stand for in equal parts', () => {
    const one = { ...column([0, 0, 1, 2], 0.25, 0) };
    const features = featuresOf(release(one, [0, 0, 0, 0]));
    const [clear, released] = [new Float32Array(8), new Float32Array(8)];
    features.clearInto(clear, 4, 1);
    features.releasedInto(released, 4, 1);
    expect([...clear]).toEqual([0, 0, 0, 0, 0, 1, 0, 0]);
    expect([...released]).toEqual([0, 0, 0, 0, 0.5, 0.5, 0, 0]);
    expect(() => featuresOf(release(one, [0, 0, 0, 0]), 3)).toThrow(ParameterError);
  });
});
