// Dates as text: ISO 8601 days and instants, and the spellings of spreadsheets that a format names. Everything is UTC and
// proleptic Gregorian; a day that the calendar lacks (30 February) is refused, never rolled over.

export type DateFormat = 'iso' | 'day.month.year' | 'day/month/year' | 'month/day/year';

export const dateFormats: readonly DateFormat[] = ['iso', 'day.month.year', 'day/month/year', 'month/day/year'];

export interface ParsedDate {
  readonly milliseconds: number;
  readonly resolution: 'day' | 'millisecond';
}

const isoDay = /^(\d{4})-(\d{2})-(\d{2})$/;
const isoInstant = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?$/;
const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/;
const slashed = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;

/** Undefined where the text is no date of that format. An instant without a zone is taken to be UTC. */
export function parseDate(text: string, format: DateFormat = 'iso'): ParsedDate | undefined {
  switch (format) {
    case 'iso':
      return text.length === 10 ? dayOf(isoDay.exec(text), 1, 2, 3) : instantOf(isoInstant.exec(text));
    case 'day.month.year':
      return dayOf(dotted.exec(text), 3, 2, 1);
    case 'day/month/year':
      return dayOf(slashed.exec(text), 3, 2, 1);
    case 'month/day/year':
      return dayOf(slashed.exec(text), 3, 1, 2);
    default:
      return format satisfies never;
  }
}

function dayOf(match: RegExpExecArray | null, year: number, month: number, day: number): ParsedDate | undefined {
  if (match === null) return undefined;
  const milliseconds = daysFromCivil(Number(match[year]), Number(match[month]), Number(match[day]));
  return milliseconds === undefined ? undefined : { milliseconds, resolution: 'day' };
}

function instantOf(match: RegExpExecArray | null): ParsedDate | undefined {
  if (match === null) return undefined;
  const midnight = daysFromCivil(Number(match[1]), Number(match[2]), Number(match[3]));
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6] ?? 0)];
  if (midnight === undefined || hour > 23 || minute > 59 || second > 59) return undefined;
  const fraction = match[7] === undefined ? 0 : Math.floor(Number(`0.${match[7]}`) * 1000 + 1e-9);
  const zone = match[8];
  let offsetMinutes = 0;
  if (zone !== undefined && zone !== 'Z') {
    const digits = zone.replace(':', '');
    offsetMinutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5));
    if (digits.startsWith('-')) offsetMinutes = -offsetMinutes;
  }
  const milliseconds = midnight + ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1000 + fraction;
  return { milliseconds, resolution: 'millisecond' };
}

/** Milliseconds of a day's midnight, or undefined where the calendar has no such day. */
function daysFromCivil(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  // Date.UTC takes years below 100 for 19xx; setUTCFullYear does not.
  return new Date(0).setUTCFullYear(year, month - 1, day);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** `2026-11-20`, or `2026-11-20T13:05:00.000Z`. */
export function formatDate(milliseconds: number, resolution: 'day' | 'millisecond'): string {
  const text = new Date(milliseconds).toISOString();
  return resolution === 'day' ? text.slice(0, text.indexOf('T')) : text;
}
