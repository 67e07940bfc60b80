// Vectors and rows: sums, scalings, norms, and the question whether all is finite. Any n: tails go one element at a time.
// Sums of squares are added in doubles, so that a norm that decides about clipping is right to the last float bit.

/** out ← out + factor·x */
export function addScaled(out: usize, x: usize, factor: f32, n: u32): void {
  const f: v128 = v128.splat<f32>(factor);
  let i: u32 = 0;
  for (; i + (4 as u32) <= n; i += 4, out += 16, x += 16) {
    v128.store(out, v128.add<f32>(v128.load(out), v128.mul<f32>(f, v128.load(x))));
  }
  for (; i < n; i++, out += 4, x += 4) store<f32>(out, load<f32>(out) + factor * load<f32>(x));
}

/** out ← factor·x */
export function scale(out: usize, x: usize, factor: f32, n: u32): void {
  const f: v128 = v128.splat<f32>(factor);
  let i: u32 = 0;
  for (; i + (4 as u32) <= n; i += 4, out += 16, x += 16) v128.store(out, v128.mul<f32>(f, v128.load(x)));
  for (; i < n; i++, out += 4, x += 4) store<f32>(out, factor * load<f32>(x));
}

/** out ← a + b */
export function sum(out: usize, a: usize, b: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + (4 as u32) <= n; i += 4, out += 16, a += 16, b += 16) {
    v128.store(out, v128.add<f32>(v128.load(a), v128.load(b)));
  }
  for (; i < n; i++, out += 4, a += 4, b += 4) store<f32>(out, load<f32>(a) + load<f32>(b));
}

/** Every row of out ← row. */
export function repeatRow(out: usize, row: usize, rows: u32, columns: u32): void {
  const bytes: usize = (columns as usize) << 2;
  for (let r: u32 = 0; r < rows; r++, out += bytes) memory.copy(out, row, bytes);
}

/** out ← out + the sum of all rows of x, whose rows are `stride` floats apart; rows are added from the first to the last. */
export function addRows(out: usize, x: usize, rows: u32, columns: u32, stride: u32): void {
  const step: usize = (stride as usize) << 2;
  let c: u32 = 0;
  for (; c + (4 as u32) <= columns; c += 4, out += 16, x += 16) {
    let total: v128 = v128.splat<f32>(0);
    let from: usize = x;
    for (let r: u32 = 0; r < rows; r++, from += step) total = v128.add<f32>(total, v128.load(from));
    v128.store(out, v128.add<f32>(v128.load(out), total));
  }
  for (; c < columns; c++, out += 4, x += 4) {
    let total: f32 = 0;
    let from: usize = x;
    for (let r: u32 = 0; r < rows; r++, from += step) total += load<f32>(from);
    store<f32>(out, load<f32>(out) + total);
  }
}

/** out[r] ← factors[r]·x[r] for every row. */
export function scaleRows(out: usize, x: usize, factors: usize, rows: u32, columns: u32): void {
  const bytes: usize = (columns as usize) << 2;
  for (let r: u32 = 0; r < rows; r++, out += bytes, x += bytes) {
    scale(out, x, load<f32>(factors + ((r as usize) << 2)), columns);
  }
}

/** out ← out + Σ factors[r]·x[r], in blocks of columns that stay in the first cache; rows are `stride` floats apart. */
export function addWeightedRows(out: usize, x: usize, factors: usize, rows: u32, columns: u32, stride: u32): void {
  const block: u32 = 1024;
  for (let c: u32 = 0; c < columns; c += block) {
    const width: u32 = min<u32>(block, columns - c);
    const target: usize = out + ((c as usize) << 2);
    let from: usize = x + ((c as usize) << 2);
    for (let r: u32 = 0; r < rows; r++, from += (stride as usize) << 2) {
      addScaled(target, from, load<f32>(factors + ((r as usize) << 2)), width);
    }
  }
}

/** Σ x², in doubles. */
export function sumOfSquares(x: usize, n: u32): f64 {
  let s0: v128 = v128.splat<f64>(0);
  let s1: v128 = v128.splat<f64>(0);
  let i: u32 = 0;
  for (; i + (4 as u32) <= n; i += 4, x += 16) {
    const v: v128 = v128.load(x);
    const low: v128 = f64x2.promote_low_f32x4(v);
    const high: v128 = f64x2.promote_low_f32x4(v128.shuffle<u64>(v, v, 1, 1));
    s0 = v128.add<f64>(s0, v128.mul<f64>(low, low));
    s1 = v128.add<f64>(s1, v128.mul<f64>(high, high));
  }
  const s: v128 = v128.add<f64>(s0, s1);
  let total: f64 = v128.extract_lane<f64>(s, 0) + v128.extract_lane<f64>(s, 1);
  for (; i < n; i++, x += 4) {
    const v: f64 = load<f32>(x) as f64;
    total += v * v;
  }
  return total;
}

/** out[r] (doubles) ← Σ of the squares of row r. */
export function rowSumsOfSquares(out: usize, x: usize, rows: u32, columns: u32): void {
  for (let r: u32 = 0; r < rows; r++, out += 8, x += (columns as usize) << 2) store<f64>(out, sumOfSquares(x, columns));
}

/** 1 when every float is finite, else 0: x·0 is 0 for finite x and NaN for all others. */
export function allFinite(x: usize, n: u32): u32 {
  const zero: v128 = v128.splat<f32>(0);
  let s0: v128 = zero;
  let s1: v128 = zero;
  let i: u32 = 0;
  for (; i + (8 as u32) <= n; i += 8, x += 32) {
    s0 = v128.add<f32>(s0, v128.mul<f32>(v128.load(x), zero));
    s1 = v128.add<f32>(s1, v128.mul<f32>(v128.load(x, 16), zero));
  }
  let rest: f32 = 0;
  for (; i < n; i++, x += 4) rest += load<f32>(x) * 0;
  const same: v128 = v128.eq<f32>(v128.add<f32>(s0, s1), zero);
  return v128.all_true<i32>(same) && rest === 0 ? 1 : 0;
}
