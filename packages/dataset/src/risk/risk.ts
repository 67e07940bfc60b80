// How likely somebody is found again in a table, under three attackers (El Emam and Dankar 2008; El Emam 2013, chapter 16). Who
// is in a class of f rows of the table, and F people of the population, is taken for one of them with probability
// - 1/f by a prosecutor, who knows that the person is in the table;
// - 1/F by a journalist, who knows only that the person is in the population;
// - f/F of all rows on average by a marketer, who wants as many right as possible and needs none of them for sure.
// Without a population the table itself is taken for it: then all three agree on the average, which errs on the safe side.
import { ParameterError } from '../errors.ts';

export interface AttackerRisk {
  readonly highest: number;
  readonly average: number;
  readonly lowest: number;
  /** The part of the rows whose risk is above the threshold. */
  readonly shareAboveThreshold: number;
}

export interface Risk {
  readonly rows: number;
  readonly classes: number;
  readonly smallestClass: number;
  readonly averageClass: number;
  readonly largestClass: number;
  /** Rows that are alone in their class, as a part of all. */
  readonly uniqueShare: number;
  /** Rows whose like there is only once in the population, as a part of all; undefined without one. */
  readonly populationUniqueShare: number | undefined;
  readonly threshold: number;
  readonly prosecutor: AttackerRisk;
  readonly journalist: AttackerRisk;
  readonly marketer: { readonly average: number };
  /** Whether journalist and marketer were measured against a population. */
  readonly population: boolean;
}

export interface RiskInput {
  /** Rows of every class; classes without rows do not count. */
  readonly classSizes: Uint32Array;
  /** Members of the population of every class, at least its rows. */
  readonly populationSizes?: Uint32Array | undefined;
  /** A risk above this counts as high, in (0, 1]; default 0.2, that is fewer than five look alike. */
  readonly threshold?: number;
}

export function riskOf({ classSizes, populationSizes, threshold = 0.2 }: RiskInput): Risk {
  if (!(threshold > 0 && threshold <= 1)) throw new ParameterError(`a risk is in (0, 1], not ${threshold}`);
  let [rows, classes, unique, least, most] = [0, 0, 0, Number.POSITIVE_INFINITY, 0];
  let [people, leastPeople, mostPeople, expected] = [0, Number.POSITIVE_INFINITY, 0, 0];
  let [proneRows, proneToJournalist, alone] = [0, 0, 0];
  for (const [at, size] of classSizes.entries()) {
    if (size === 0) continue;
    const crowd = populationSizes?.[at] ?? size;
    if (crowd < size)
      throw new ParameterError(`a class has ${size} rows and ${crowd} people: they are not its population`);
    rows += size;
    classes += 1;
    if (size === 1) unique += 1;
    if (crowd === 1) alone += 1;
    least = Math.min(least, size);
    most = Math.max(most, size);
    people += crowd;
    leastPeople = Math.min(leastPeople, crowd);
    mostPeople = Math.max(mostPeople, crowd);
    expected += size / crowd;
    if (1 / size > threshold) proneRows += size;
    if (1 / crowd > threshold) proneToJournalist += size;
  }
  if (rows === 0) {
    const nothing = { highest: 0, average: 0, lowest: 0, shareAboveThreshold: 0 };
    return {
      rows,
      classes,
      smallestClass: 0,
      averageClass: 0,
      largestClass: 0,
      uniqueShare: 0,
      populationUniqueShare: populationSizes && 0,
      threshold,
      prosecutor: nothing,
      journalist: nothing,
      marketer: { average: 0 },
      population: populationSizes !== undefined,
    };
  }
  return {
    rows,
    classes,
    smallestClass: least,
    averageClass: rows / classes,
    largestClass: most,
    uniqueShare: unique / rows,
    populationUniqueShare: populationSizes && alone / rows,
    threshold,
    prosecutor: {
      highest: 1 / least,
      average: classes / rows,
      lowest: 1 / most,
      shareAboveThreshold: proneRows / rows,
    },
    journalist: {
      highest: 1 / leastPeople,
      // El Emam 2013: the larger of the two readings of an average.
      average: Math.max(classes / people, expected / rows),
      lowest: 1 / mostPeople,
      shareAboveThreshold: proneToJournalist / rows,
    },
    marketer: { average: expected / rows },
    population: populationSizes !== undefined,
  };
}
