// How much of the information a release keeps, measured on what is released: 1 is the original, 0 is nothing left. The
// definitions are those of ARX's quality statistics, so that numbers can be laid side by side; the divergence is in bits.
import { classesOfLabels, type RecodedColumn, type Release } from '../anonymise/release.ts';

export interface Quality {
  /** 1 − the mean share of the domain a cell stands for, scaled (Iyengar's loss). */
  readonly granularity: number;
  /** 1 − the mean height of a cell (Sweeney's precision). */
  readonly precision: number;
  /** From Σ |class|² (Bayardo and Agrawal). */
  readonly discernibility: number;
  /** From the mean size of a class (LeFevre, DeWitt, Ramakrishnan). */
  readonly averageClassSize: number;
  /** From the bits by which values became less certain (Gionis and Tassa). */
  readonly nonUniformEntropy: number;
  /** From the number of records a released one may stand for (Nergiz and Clifton). */
  readonly ambiguity: number;
  /**
   * Kullback–Leibler divergence in bits, from the distribution of the original records to the one a reader of the release would
   * assume who spreads every class evenly over the records it may stand for; 0 is the original (Kifer and Gehrke 2006).
   */
  readonly divergenceBits: number;
  readonly columns: readonly ColumnQuality[];
}

export interface ColumnQuality {
  readonly name: string;
  readonly granularity: number;
  readonly precision: number;
  readonly nonUniformEntropy: number;
}

export function qualityOf(release: Release): Quality {
  const { rowCount, columns, suppressed, suppressedRows, classSizes } = release;
  const parts = columns.map((column) => partsOf(column, release));
  const mean = (of: (part: ColumnParts) => number): number =>
    parts.reduce((sum, part) => sum + of(part), 0) / parts.length;
  const input = classesOfLabels(
    columns.map(({ originals }) => ({ codes: originals })),
    rowCount,
  );
  const squares = (sizes: Uint32Array): number => sizes.reduce((sum, size) => sum + size * size, 0);
  const keptClasses = classSizes.filter((size) => size > 0).length;
  const keptRows = rowCount - suppressedRows;

  let [records, allRecords, divergence] = [0, 1, 0];
  for (const { domainSize } of columns) allRecords *= domainSize;
  const ownRows = new Float64Array(classSizes.length);
  for (let row = 0; row < rowCount; row += 1) ownRows[release.classOfRow[row]] += suppressed[row] === 1 ? 0 : 1;
  for (let row = 0; row < rowCount; row += 1) {
    let area = allRecords;
    let inClass = suppressedRows;
    if (suppressed[row] === 0) {
      area = 1;
      for (const { codes, shares, domainSize } of columns) area *= shares[codes[row]] * domainSize;
      inClass = ownRows[release.classOfRow[row]];
    }
    records += area;
    divergence += Math.log2(input.classSizes[input.classOfRow[row]] / (inClass / area));
  }
  return {
    granularity: kept(
      mean((part) => part.share),
      mean((part) => part.leastShare),
      1,
    ),
    precision: kept(
      mean((part) => part.height),
      0,
      1,
    ),
    discernibility: kept(
      squares(classSizes) + suppressedRows * rowCount,
      squares(input.classSizes),
      rowCount * rowCount,
    ),
    averageClassSize:
      keptClasses === 0 ? 0 : kept(keptRows / keptClasses, rowCount / input.classSizes.length, rowCount),
    nonUniformEntropy: kept(
      mean((part) => part.bits),
      0,
      mean((part) => part.mostBits),
    ),
    ambiguity: kept(records, rowCount, rowCount * allRecords),
    divergenceBits: rowCount === 0 ? 0 : Math.max(0, divergence / rowCount),
    columns: columns.map(({ name }, at) => ({
      name,
      granularity: kept(parts[at].share, parts[at].leastShare, 1),
      precision: kept(parts[at].height, 0, 1),
      nonUniformEntropy: kept(parts[at].bits, 0, parts[at].mostBits),
    })),
  };
}

/** 1 where nothing was lost, 0 where everything was. */
function kept(value: number, least: number, most: number): number {
  return most > least ? 1 - Math.min(1, Math.max(0, (value - least) / (most - least))) : 1;
}

interface ColumnParts {
  readonly share: number;
  readonly leastShare: number;
  readonly height: number;
  readonly bits: number;
  readonly mostBits: number;
}

function partsOf(column: RecodedColumn, { rowCount, suppressed, suppressedRows }: Release): ColumnParts {
  const { codes, shares, heights, originals, originalCount, labels } = column;
  let [share, height] = [0, 0];
  for (let row = 0; row < rowCount; row += 1) {
    share += suppressed[row] === 1 ? 1 : shares[codes[row]];
    height += suppressed[row] === 1 ? 1 : heights[codes[row]];
  }
  // From the original value to its label, over all rows; then, for suppressed rows, from the label to nothing.
  const pairs = new Map<number, number>();
  const withLabel = new Float64Array(labels.length);
  const lost = new Float64Array(labels.length);
  const withValue = new Float64Array(originalCount);
  for (let row = 0; row < rowCount; row += 1) {
    const key = codes[row] * originalCount + originals[row];
    pairs.set(key, (pairs.get(key) ?? 0) + 1);
    withLabel[codes[row]] += 1;
    withValue[originals[row]] += 1;
    if (suppressed[row] === 1) lost[codes[row]] += 1;
  }
  const bits = weighted(withLabel) - weighted([...pairs.values()]) + log(suppressedRows) - weighted(lost);
  return {
    share: share / rowCount,
    leastShare: 1 / column.domainSize,
    height: height / rowCount,
    bits,
    mostBits: log(rowCount) - weighted(withValue),
  };
}

/** c log₂ c. */
const log = (count: number): number => (count === 0 ? 0 : count * Math.log2(count));

function weighted(counts: Iterable<number>): number {
  let sum = 0;
  for (const count of counts) sum += log(count);
  return sum;
}
