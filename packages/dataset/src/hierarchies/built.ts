// Hierarchies built from the values themselves: intervals for numbers, the calendar for dates, masking for postcodes, and "any"
// for categories. Every builder nests by construction; each ends in one value, `*`.
import { ParameterError } from '../errors.ts';
import { formatDate } from '../table/calendar.ts';
import { type Hierarchy, hierarchyOfRows } from './hierarchy.ts';

export const anything = '*';

export interface NumberLevels {
  /** Width of an interval on level 1, in the column's unit. Default: the round number nearest to a sixteenth of the range. */
  readonly width?: number;
  /** By how much each level is wider than the one below, a whole number from 2; default 2. */
  readonly factor?: number;
  /** Where an interval starts; default 0. */
  readonly origin?: number;
}

// Beyond it places are no longer counted exactly, and intervals would not nest.
const mostPlaces = 2 ** 52;

/** Level 1: intervals of `width`; each further level joins `factor` of them, as long as more than two are left; then `*`. */
export function numberHierarchy(
  name: string,
  values: readonly { readonly text: string; readonly value: number }[],
  levels: NumberLevels = {},
): Hierarchy {
  const numbers = values.map(({ value }) => value);
  if (numbers.length === 0) throw new ParameterError(`column ${name} has no values to build a hierarchy from`);
  const least = numbers.reduce((one, other) => Math.min(one, other));
  const greatest = numbers.reduce((one, other) => Math.max(one, other));
  const { factor = 2, origin = 0, width = usualWidth(numbers) } = levels;
  if (!(Number.isInteger(factor) && factor >= 2))
    throw new ParameterError(`a factor is whole and from 2, not ${factor}`);
  if (!(Number.isFinite(width) && width > 0)) throw new ParameterError(`a width is a number above 0, not ${width}`);
  const whole = numbers.every(Number.isInteger) && Number.isInteger(width) && Number.isInteger(origin);
  // Places are counted in widths from the origin, so that wider intervals start where narrower ones do.
  const place = (value: number): number => Math.floor((value - origin) / width);
  let [first, last] = [place(least), place(greatest)];
  if (!(Math.abs(first) < mostPlaces && Math.abs(last) < mostPlaces)) {
    throw new ParameterError(`column ${name}: intervals of ${width} are too narrow for ${least} to ${greatest}`);
  }
  const widths: number[] = [];
  for (let size = 1; widths.length === 0 || last - first > 1; size *= factor) {
    widths.push(size);
    [first, last] = [Math.floor(first / factor), Math.floor(last / factor)];
  }
  const rows = values.map(({ text, value }) => [
    text,
    ...widths.map((size) => {
      const start = Math.floor(place(value) / size);
      const from = origin + start * size * width;
      const to = origin + (start + 1) * size * width;
      return whole ? `${from} to ${to - 1}` : `${short(from)} to below ${short(to)}`;
    }),
    anything,
  ]);
  return hierarchyOfRows(name, 'numbers', rows);
}

const short = (value: number): string => String(Number(value.toPrecision(12)));

/** The round number nearest to a sixteenth of the range. */
export function usualWidth(values: Iterable<number>): number {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    // A missing value is neither.
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return roundWidth((greatest - least) / 16);
}

/** 1, 2 or 5 times a power of ten. */
function roundWidth(width: number): number {
  if (!(width > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(width));
  const digit = width / power;
  return (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10) * power;
}

/** Day (for instants), month, year, decade, `*`. */
export function dateHierarchy(
  name: string,
  values: readonly { readonly text: string; readonly milliseconds: number }[],
): Hierarchy {
  const rows = values.map(({ text, milliseconds }) => {
    const day = formatDate(milliseconds, 'day');
    const year = day.slice(0, -6);
    const decade = Math.floor(Number(year) / 10) * 10;
    const coarser = [day.slice(0, -3), year, `${decade} to ${decade + 9}`, anything];
    return text === day ? [text, ...coarser] : [text, day, ...coarser];
  });
  return hierarchyOfRows(name, 'dates', rows);
}

// Each character is a level: longer texts are no codes.
const mostMasked = 64;

/** Masks one character after the other, from the right: 8001, 800*, 80**, 8***, ****, and `*` for all. */
export function maskingHierarchy(name: string, texts: readonly string[], from: 'right' | 'left' = 'right'): Hierarchy {
  const longest = texts.reduce((most, text) => Math.max(most, [...text].length), 0);
  if (longest > mostMasked) {
    throw new ParameterError(
      `column ${name} has a text of ${longest} characters: masking is for codes up to ${mostMasked}`,
    );
  }
  const rows = texts.map((text) => {
    const characters = [...text];
    const row = [text];
    for (let hidden = 1; hidden < longest; hidden += 1) {
      const count = Math.min(hidden, characters.length);
      const mask = anything.repeat(count);
      const kept = from === 'right' ? characters.slice(0, characters.length - count) : characters.slice(count);
      row.push(from === 'right' ? kept.join('') + mask : mask + kept.join(''));
    }
    return [...row, anything];
  });
  return hierarchyOfRows(name, 'masking', rows);
}

/** Each value, then its group where one is named, then `*`. A value without a group is its own. */
export function categoryHierarchy(
  name: string,
  texts: readonly string[],
  groups: Readonly<Record<string, readonly string[]>> = {},
): Hierarchy {
  const groupOf = new Map<string, string>();
  for (const [group, members] of Object.entries(groups)) {
    for (const member of members) {
      if (groupOf.has(member)) throw new ParameterError(`column ${name}: ${member} is in two groups`);
      groupOf.set(member, group);
    }
  }
  const grouped = groupOf.size > 0;
  const rows = texts.map((text) => [text, ...(grouped ? [groupOf.get(text) ?? text] : []), anything]);
  return hierarchyOfRows(name, 'categories', rows);
}
