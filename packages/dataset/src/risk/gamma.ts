// ln Γ and its derivative for arguments above 0, by their asymptotic series (Abramowitz and Stegun 6.1.41 and 6.3.18) from 16 upwards, and by
// recurrence below. Errors are below 1e-13 of the larger of 1 and the value; a test compares them with sums.

const enough = 16;

export function logGamma(argument: number): number {
  let [x, below] = [argument, 0];
  for (; x < enough; x += 1) below += Math.log(x);
  const inverse = 1 / (x * x);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / x;
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series - below;
}

export function digamma(argument: number): number {
  let [x, below] = [argument, 0];
  for (; x < enough; x += 1) below += 1 / x;
  const inverse = 1 / (x * x);
  const series = inverse * (1 / 12 - inverse * (1 / 120 - inverse * (1 / 252 - inverse * (1 / 240 - inverse / 132))));
  return Math.log(x) - 1 / (2 * x) - series - below;
}
