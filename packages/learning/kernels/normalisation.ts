// Layer and group normalisation of one example: a block of `rows`×`width` floats whose rows are `stride` floats apart.
// Sums are doubles, added row by row.

/** hat ← (x - mean)·r with r = 1/√(variance + epsilon); returns r. */
export function standardise(hat: usize, x: usize, rows: u32, width: u32, stride: u32, epsilon: f32): f32 {
  const n: f64 = (rows * width) as f64;
  const skip: usize = (stride as usize) << 2;
  let total: f64 = 0;
  for (let r: u32 = 0; r < rows; r++) {
    const line: usize = x + (r as usize) * skip;
    for (let c: u32 = 0; c < width; c++) total += load<f32>(line + ((c as usize) << 2)) as f64;
  }
  const mean: f64 = total / n;
  let squares: f64 = 0;
  for (let r: u32 = 0; r < rows; r++) {
    const line: usize = x + (r as usize) * skip;
    for (let c: u32 = 0; c < width; c++) {
      const d: f64 = (load<f32>(line + ((c as usize) << 2)) as f64) - mean;
      squares += d * d;
    }
  }
  const scale: f64 = (1 as f64) / sqrt<f64>(squares / n + (epsilon as f64));
  for (let r: u32 = 0; r < rows; r++) {
    const at: usize = (r as usize) * skip;
    for (let c: u32 = 0; c < width; c++) {
      const i: usize = at + ((c as usize) << 2);
      store<f32>(hat + i, (((load<f32>(x + i) as f64) - mean) * scale) as f32);
    }
  }
  return scale as f32;
}

/** dx ← r·(g - mean(g) - hat·mean(g·hat)) with g = dy·gain, gain an element of a row. */
export function standardiseGradient(
  dx: usize,
  dy: usize,
  gain: usize,
  hat: usize,
  rows: u32,
  width: u32,
  stride: u32,
  scale: f32,
): void {
  const n: f64 = (rows * width) as f64;
  const skip: usize = (stride as usize) << 2;
  let total: f64 = 0;
  let product: f64 = 0;
  for (let r: u32 = 0; r < rows; r++) {
    const at: usize = (r as usize) * skip;
    for (let c: u32 = 0; c < width; c++) {
      const i: usize = at + ((c as usize) << 2);
      const g: f64 = (load<f32>(dy + i) * load<f32>(gain + ((c as usize) << 2))) as f64;
      total += g;
      product += g * (load<f32>(hat + i) as f64);
    }
  }
  const mean: f64 = total / n;
  const slope: f64 = product / n;
  for (let r: u32 = 0; r < rows; r++) {
    const at: usize = (r as usize) * skip;
    for (let c: u32 = 0; c < width; c++) {
      const i: usize = at + ((c as usize) << 2);
      const g: f64 = (load<f32>(dy + i) * load<f32>(gain + ((c as usize) << 2))) as f64;
      store<f32>(dx + i, ((scale as f64) * (g - mean - (load<f32>(hat + i) as f64) * slope)) as f32);
    }
  }
}

/** y ← hat·gain + bias, gain and bias an element of a row. */
export function affine(y: usize, hat: usize, gain: usize, bias: usize, rows: u32, columns: u32): void {
  for (let r: u32 = 0; r < rows; r++) {
    for (let c: u32 = 0; c < columns; c++, y += 4, hat += 4) {
      const at: usize = (c as usize) << 2;
      store<f32>(y, load<f32>(hat) * load<f32>(gain + at) + load<f32>(bias + at));
    }
  }
}

/** out ← out + Σ over rows of a·b, elementwise. */
export function addProductRows(out: usize, a: usize, b: usize, rows: u32, columns: u32): void {
  for (let r: u32 = 0; r < rows; r++) {
    for (let c: u32 = 0; c < columns; c++, a += 4, b += 4) {
      const at: usize = out + ((c as usize) << 2);
      store<f32>(at, load<f32>(at) + load<f32>(a) * load<f32>(b));
    }
  }
}
