// Numbers as people read them.

const whole: Intl.NumberFormat = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export const count = (value: number): string => whole.format(value);

export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const at = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
  const scaled = value / 1000 ** at;
  return `${at === 0 ? whole.format(scaled) : scaled.toPrecision(3)} ${units[at]}`;
}

export const percent = (share: number): string => `${(100 * share).toFixed(share >= 0.1 ? 1 : 2)} %`;

export const short = (value: number): string =>
  value === 0
    ? '0'
    : Math.abs(value) >= 1000 || Math.abs(value) < 0.001
      ? value.toExponential(2)
      : value.toPrecision(3);

export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${String(minutes % 60).padStart(2, '0')} min` : `${Math.floor(hours / 24)} days`;
}

/** Rounded up in its third digit: what is said is never below what was computed. */
export function epsilon(value: number): string {
  if (!Number.isFinite(value) || value <= 0) return String(value);
  const unit = 10 ** (Math.floor(Math.log10(value)) - 2);
  const up = Math.ceil(value / unit - 1e-12) * unit;
  return String(Number(up.toPrecision(3)) >= value ? Number(up.toPrecision(3)) : Number((up + unit).toPrecision(3)));
}

const moment: Intl.DateTimeFormat = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });

/** A log may name any whole number; days of a calendar end at 8.64e15 ms (ECMA-262, 21.4.1.1). */
const LAST_MOMENT_MS = 8.64e15;

export const time = (atMs: number): string =>
  Math.abs(atMs) <= LAST_MOMENT_MS ? moment.format(atMs) : `${atMs} ms after 1970`;

/** A hash or key as people compare it: in groups. */
export const fingerprint = (hex: string): string => (hex.slice(0, 32).match(/.{4}/g) ?? []).join(' ');
