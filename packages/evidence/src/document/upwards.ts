/** Four digits, rounded up: an ε that is said is never below the computed one. */
export function upwards(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return value;
  const unit = 10 ** (Math.floor(Math.log10(value)) - 3);
  const shown = Number((Math.ceil(value / unit) * unit).toPrecision(4));
  return shown >= value ? shown : Number((shown + unit).toPrecision(4));
}
