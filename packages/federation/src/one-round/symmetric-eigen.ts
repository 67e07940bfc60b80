// Eigenvalues and eigenvectors of a symmetric matrix in doubles: Householder's reduction to a tridiagonal one, then implicit QL (Golub and
// Van Loan, Matrix Computations, §8.3). With + − × ÷ and square roots alone: everybody who solves the same sums gets the same bits.

import { ParameterError } from '../errors.ts';

export interface SymmetricEigen {
  /** Not sorted. */
  readonly values: Float64Array;
  /** Row i is the unit eigenvector of value i. */
  readonly vectors: Float64Array;
}

/** Of n × n numbers, row by row, of which the lower triangle counts. */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  if (matrix.length !== n * n || !matrix.every(Number.isFinite)) {
    throw new ParameterError(`${matrix.length} numbers are no finite matrix of ${n} × ${n}`);
  }
  const rows = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
  const { diagonal, beside } = tridiagonal(matrix.slice(), n, rows);
  diagonalise(diagonal, beside, rows, n);
  return { values: diagonal, vectors: rows };
}

/** A = Zᵀ·T·Z: reflections I − 2vvᵀ from the left column on; `rows` becomes Z. Mutates `a` and `rows`. */
function tridiagonal(
  a: Float64Array,
  n: number,
  rows: Float64Array,
): { readonly diagonal: Float64Array; readonly beside: Float64Array } {
  const beside = new Float64Array(n);
  const v = new Float64Array(n);
  const w = new Float64Array(n);
  for (let k = 0; k + 2 < n; k++) {
    let squares = 0;
    for (let i = k + 1; i < n; i++) squares += a[i * n + k] * a[i * n + k];
    const first = a[(k + 1) * n + k];
    const length = Math.sqrt(squares);
    beside[k] = first > 0 ? -length : length;
    const scale = Math.sqrt(2 * (squares + Math.abs(first) * length));
    if (scale === 0) continue;
    for (let i = k + 1; i < n; i++) v[i] = (a[i * n + k] - (i === k + 1 ? beside[k] : 0)) / scale;
    reflect(a, n, k + 1, v, w);
    reflectRows(rows, n, k + 1, v, w);
  }
  if (n > 1) beside[n - 2] = a[(n - 1) * n + n - 2];
  return { diagonal: Float64Array.from({ length: n }, (_, i) => a[i * n + i]), beside };
}

/** The block from `from` on: A ← H·A·H = A − 2(v·wᵀ + w·vᵀ), w = A·v − (vᵀ·A·v)·v. Lower triangle alone. */
function reflect(a: Float64Array, n: number, from: number, v: Float64Array, w: Float64Array): void {
  w.fill(0);
  for (let i = from; i < n; i++) {
    let sum = a[i * n + i] * v[i];
    for (let j = from; j < i; j++) {
      sum += a[i * n + j] * v[j];
      w[j] += a[i * n + j] * v[i];
    }
    w[i] += sum;
  }
  let inner = 0;
  for (let i = from; i < n; i++) inner += v[i] * w[i];
  for (let i = from; i < n; i++) w[i] -= inner * v[i];
  for (let i = from; i < n; i++) {
    for (let j = from; j <= i; j++) a[i * n + j] -= 2 * (v[i] * w[j] + w[i] * v[j]);
  }
}

/** Z ← H·Z. */
function reflectRows(rows: Float64Array, n: number, from: number, v: Float64Array, w: Float64Array): void {
  w.fill(0);
  for (let i = from; i < n; i++) for (let j = 0; j < n; j++) w[j] += v[i] * rows[i * n + j];
  for (let i = from; i < n; i++) for (let j = 0; j < n; j++) rows[i * n + j] -= 2 * v[i] * w[j];
}

const SWEEPS_AT_MOST = 60;

/** Implicit QL with Wilkinson's shift. Mutates all three. */
function diagonalise(d: Float64Array, e: Float64Array, rows: Float64Array, n: number): void {
  for (let low = 0; low < n; low++) {
    for (let sweep = 0; ; sweep++) {
      let high = low;
      while (high < n - 1 && Math.abs(e[high]) > Number.EPSILON * (Math.abs(d[high]) + Math.abs(d[high + 1]))) high++;
      if (high === low) break;
      if (sweep === SWEEPS_AT_MOST) throw new ParameterError(`no eigenvalue ${low} after ${SWEEPS_AT_MOST} sweeps`);
      chase(d, e, rows, { low, high, n });
    }
  }
}

/** One sweep from `high` up to `low`. */
function chase(
  d: Float64Array,
  e: Float64Array,
  rows: Float64Array,
  { low, high, n }: { readonly low: number; readonly high: number; readonly n: number },
): void {
  const ratio = (d[low + 1] - d[low]) / (2 * e[low]);
  const root = Math.sqrt(ratio * ratio + 1);
  let g = d[high] - d[low] + e[low] / (ratio < 0 ? ratio - root : ratio + root);
  let [sine, cosine, shift] = [1, 1, 0];
  for (let i = high - 1; i >= low; i--) {
    const f = sine * e[i];
    const b = cosine * e[i];
    const r = Math.sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1] -= shift;
      e[high] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    const held = d[i + 1] - shift;
    const turned = (d[i] - held) * sine + 2 * cosine * b;
    shift = sine * turned;
    d[i + 1] = held + shift;
    g = cosine * turned - b;
    rotate(rows, i * n, n, sine, cosine);
  }
  d[low] -= shift;
  e[low] = g;
  e[high] = 0;
}

/** Rows at `at` and after it. */
function rotate(rows: Float64Array, at: number, n: number, sine: number, cosine: number): void {
  for (let k = at; k < at + n; k++) {
    const lower = rows[k + n];
    rows[k + n] = sine * rows[k] + cosine * lower;
    rows[k] = cosine * rows[k] - sine * lower;
  }
}
