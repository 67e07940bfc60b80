// Rows of a table chosen by token, and dropout: what moves or hides elements without computing on them.
// Tokens are integers below 2^24 kept as floats, as inputs are; the caller has checked them.

/** out[t] ← table[tokens[t]] */
export function gatherRows(out: usize, table: usize, tokens: usize, n: u32, width: u32): void {
  const bytes: usize = (width as usize) << 2;
  for (let t: u32 = 0; t < n; t++, out += bytes, tokens += 4) {
    memory.copy(out, table + (load<f32>(tokens) as u32 as usize) * bytes, bytes);
  }
}

/** table[tokens[t]] += factor·rows[t], t upwards. */
export function scatterRows(table: usize, rows: usize, tokens: usize, n: u32, width: u32, factor: f32): void {
  const bytes: usize = (width as usize) << 2;
  for (let t: u32 = 0; t < n; t++, tokens += 4) {
    let at: usize = table + (load<f32>(tokens) as u32 as usize) * bytes;
    for (let c: u32 = 0; c < width; c++, at += 4, rows += 4) store<f32>(at, load<f32>(at) + factor * load<f32>(rows));
  }
}

/** The squared norm of what scatterRows adds to a zero table: Σ over pairs of equal tokens of the rows' inner product. */
export function scatteredSquares(rows: usize, tokens: usize, n: u32, width: u32): f64 {
  const bytes: usize = (width as usize) << 2;
  let total: f64 = 0;
  for (let s: u32 = 0; s < n; s++) {
    for (let t: u32 = 0; t <= s; t++) {
      if (load<f32>(tokens + ((s as usize) << 2)) !== load<f32>(tokens + ((t as usize) << 2))) continue;
      const a: usize = rows + (s as usize) * bytes;
      const b: usize = rows + (t as usize) * bytes;
      let inner: f64 = 0;
      for (let c: usize = 0; c < bytes; c += 4) inner += (load<f32>(a + c) as f64) * (load<f32>(b + c) as f64);
      total += s === t ? inner : (2 as f64) * inner;
    }
  }
  return total;
}

/** A mixing of 32 bits in which every input bit moves about half of the output bits (Wellons' lowbias32, 2018). */
function mix(x: u32): u32 {
  x ^= x >>> (16 as u32);
  x *= 0x7feb352d;
  x ^= x >>> (15 as u32);
  x *= 0x846ca68b;
  return x ^ (x >>> (16 as u32));
}

/** out[i] ← 0 where a hash of (seed, i) is below `threshold`, else scale·x[i]. The backward pass is the same call on the gradient. */
export function dropout(out: usize, x: usize, n: u32, seed: u32, threshold: u32, scale: f32): void {
  const key: u32 = mix(seed);
  for (let i: u32 = 0; i < n; i++, out += 4, x += 4) {
    store<f32>(out, mix(i ^ key) < threshold ? 0 : scale * load<f32>(x));
  }
}
