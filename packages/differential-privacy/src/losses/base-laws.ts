// Loss laws of the mechanisms that are not built from others. Noise is in units of the sensitivity under the stated adjacency.
import { logNormalDensity } from '../numerics/normal.ts';
import type { Branch, LossLaw } from './loss-law.ts';

/** Beyond so many standard deviations lies a mass of 6e-39: nothing that a δ ≥ 1e-18 after 10^7 steps could notice. */
const reach = 13;

/**
 * N(1, σ²) against N(0, σ²): L(x) = (2x - 1)/(2σ²), itself N(μ²/2, μ²) with μ = 1/σ (Dong, Roth, Su 2022, section 2). The branch
 * reaches far enough on both sides for mixtures of the two.
 */
export function gaussianLaw(noiseMultiplier: number): LossLaw {
  const sigma = noiseMultiplier;
  const variance = 1 / (sigma * sigma);
  const branch: Branch = {
    low: -reach * sigma,
    high: 1 + reach * sigma,
    logDensity: (x) => logNormalDensity(x, 1, sigma),
    loss: (x) => (x - 0.5) * variance,
    outcome: (loss) => loss / variance + 0.5,
    scale: panelWidth(sigma, 1),
  };
  return {
    branches: [branch],
    atomLosses: [],
    atomLogMasses: [],
    infinityMass: 0,
    supremum: Number.POSITIVE_INFINITY,
    gaussianVariance: variance,
  };
}

/**
 * The logarithm of a mixture has its branch points at distance πσ²/shift from the real line: over a panel of 4σ²/shift the rule's error
 * is below 3.4^-32 (the sum of the half axes of the largest ellipse without a singularity). The Gaussian itself asks for 1.5σ.
 */
export function panelWidth(sigma: number, shift: number): number {
  return Math.min(1.5 * sigma, (4 * sigma * sigma) / shift);
}

/**
 * Laplace noise of scale b per unit of sensitivity, e = 1/b. Outcomes below the one centre have loss e, above the other -e, linear in
 * between: atoms ½ and ½e^(-e), and on (0, 1) the density e^(-x e) e/2 with L = e(1 - 2x).
 */
export function laplaceLaw(scalePerSensitivity: number): LossLaw {
  const e = 1 / scalePerSensitivity;
  const branch: Branch = {
    low: 0,
    high: 1,
    logDensity: (x) => Math.log(e / 2) - x * e,
    loss: (x) => e * (1 - 2 * x),
    outcome: (loss) => 0.5 * (1 - loss / e),
    scale: Math.min(1, 2 / e),
  };
  return {
    branches: [branch],
    atomLosses: [e, -e],
    atomLogMasses: [Math.log(0.5), Math.log(0.5) - e],
    infinityMass: 0,
    supremum: e,
  };
}

/** The largest of a list of any length; minus infinity of none. */
export const largestOf = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);

/** Finitely many losses: `outcomes` are pairs of masses (under P, under Q) as logarithms. */
function discreteLaw(outcomes: readonly { p: number; q: number }[], lattice?: LossLaw['lattice']): LossLaw {
  const losses = outcomes.map(({ p, q }) => p - q);
  return {
    branches: [],
    atomLosses: losses,
    atomLogMasses: outcomes.map(({ p }) => p),
    infinityMass: 0,
    supremum: largestOf(losses),
    ...(lattice === undefined ? {} : { lattice }),
  };
}

/** P(x) ∝ e^(-a|x|) on the integers against itself shifted by s: losses -as, -as + 2a, …, as. */
export function discreteLaplaceLaw(rate: number, sensitivity: number): LossLaw {
  const a = rate;
  const s = sensitivity;
  const logNormaliser = Math.log(-Math.expm1(-a)) - Math.log1p(Math.exp(-a));
  // All x ≤ 0 together have loss as, all x ≥ s have -as: Σ_{x ≥ 0} e^(-ax) = 1/(1 - e^(-a)).
  const tail = logNormaliser - Math.log(-Math.expm1(-a));
  const outcomes = [{ p: tail, q: tail - a * s }];
  for (let x = 1; x < s; x += 1) outcomes.push({ p: logNormaliser - a * x, q: logNormaliser - a * (s - x) });
  outcomes.push({ p: tail - a * s, q: tail });
  return discreteLaw(outcomes, { spacing: 2 * a, offset: a * s });
}

/** Up to this deviation every integer is an atom; the law of more is on a coarser lattice of `cellsPerDeviation` (error 1e-6 of ε). */
export const finestDeviation = 2048;
const cellsPerDeviation = 512;

/**
 * N_Z(0, σ²) against itself shifted by s (Canonne, Kamath, Steinke 2020): L(x) = (s² - 2xs)/(2σ²), on a lattice of spacing s/σ². With much
 * noise each outcome is split between the two ends of a cell of several, so that its mass is kept under P and under Q: the hockey stick
 * is then a chord of the true one, above it (Doroshenko et al. 2022), and the pair still dominates.
 */
export function discreteGaussianLaw(stddev: number, sensitivity: number): LossLaw {
  const variance = (sensitivity / stddev) ** 2;
  let made: Atoms | undefined;
  // Where the formula does, tens of thousands of atoms are never asked for.
  const atoms = (): Atoms => {
    made ??= discreteGaussianAtoms(stddev, sensitivity);
    return made;
  };
  return {
    branches: [],
    get atomLosses() {
      return atoms().losses;
    },
    get atomLogMasses() {
      return atoms().logMasses;
    },
    supremum: Number.POSITIVE_INFINITY,
    infinityMass: 1e-36,
    lattice: {
      spacing: sensitivity / (stddev * stddev),
      offset: 0.5 * variance,
      // From σ = 4 on the terms left out of Poisson's summation are below e^-70 wherever the transform weighs anything.
      ...(stddev >= 4 ? { gaussianVariance: variance } : {}),
      inCells: stddev > finestDeviation,
    },
  };
}

interface Atoms {
  readonly losses: readonly number[];
  readonly logMasses: readonly number[];
}

function discreteGaussianAtoms(stddev: number, sensitivity: number): Atoms {
  const s = sensitivity;
  const cell = stddev > finestDeviation ? Math.ceil(stddev / cellsPerDeviation) : 1;
  const spacing = (cell * s) / (stddev * stddev);
  const cells = Math.ceil((Math.ceil(reach * stddev) + s) / cell);
  const masses = new Float64Array(2 * cells + 2);
  const whole = Math.expm1(-spacing);
  let total = 0;
  for (let k = 0; k <= 2 * cells; k += 1) {
    for (let within = 0; within < cell; within += 1) {
      const x = (k - cells) * cell + within;
      const mass = Math.exp((-0.5 * x * x) / (stddev * stddev));
      // The loss falls with x: the lower end of the cell has the larger one, the upper end a share that keeps Σ p e^(-L).
      const kept = within === 0 ? 1 : Math.expm1(-spacing * (1 - within / cell)) / whole;
      masses[k] += mass * kept;
      masses[k + 1] += mass * (1 - kept);
      total += mass;
    }
  }
  const losses: number[] = [];
  const logMasses: number[] = [];
  for (let k = 0; k < masses.length - (cell === 1 ? 1 : 0); k += 1) {
    const x = (k - cells) * cell;
    // Of single outcomes the logarithm is known where the mass itself is too small.
    const logMass = (cell === 1 ? (-0.5 * x * x) / (stddev * stddev) : Math.log(masses[k]!)) - Math.log(total);
    if (logMass === Number.NEGATIVE_INFINITY) continue;
    logMasses.push(logMass);
    losses.push((s * s - 2 * x * s) / (2 * stddev * stddev));
  }
  return { losses, logMasses };
}

/** k-ary randomised response that keeps the truth with probability 1 - p + p/k: losses ±ln(keep/other) and 0. */
export function randomizedResponseLaw(randomness: number, categories: number): LossLaw {
  const other = Math.log(randomness / categories);
  const keep = Math.log1p(-randomness * (1 - 1 / categories));
  const outcomes = [
    { p: keep, q: other },
    { p: other, q: keep },
  ];
  if (categories > 2) outcomes.push({ p: other + Math.log(categories - 2), q: other + Math.log(categories - 2) });
  const loss = keep - other;
  return discreteLaw(outcomes, categories > 2 ? { spacing: loss, offset: 0 } : { spacing: 2 * loss, offset: loss });
}

/** The worst (ε, δ)-mechanism (Kairouz, Oh, Viswanath 2015, theorem 3.3): mass δ at infinity, the rest ±ε as binary randomised response. */
export function approximateLaw(epsilon: number, delta: number): LossLaw {
  const yes = -Math.log1p(Math.exp(-epsilon));
  const rest = Math.log1p(-delta);
  if (epsilon === 0) {
    return { branches: [], atomLosses: [0], atomLogMasses: [rest], infinityMass: delta, supremum: 0 };
  }
  return {
    ...discreteLaw(
      [
        { p: rest + yes, q: rest + yes - epsilon },
        { p: rest + yes - epsilon, q: rest + yes },
      ],
      { spacing: 2 * epsilon, offset: epsilon },
    ),
    infinityMass: delta,
  };
}
