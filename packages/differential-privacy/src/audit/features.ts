// What of an output the black-box tester looks at. A violation hides in one of a few places: the value, how far out it
// is, how many outputs differ from each other, and in the lowest bits of a floating-point number, which noise in
// doubles does not reach (Mironov 2012).

/** One number per output, the same place each time. */
export interface Feature {
  readonly name: string;
  of(output: readonly number[]): number;
}

/** The exponent of the lowest set bit: x is an odd multiple of 2^this. 2000 for zero, which every power divides. */
export function lowestBit(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return 2000;
  let exponent = 0;
  let scaled = x;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    exponent -= 1;
  }
  while (scaled % 2 === 0) {
    scaled /= 2;
    exponent += 1;
  }
  return exponent;
}

/** Features for outputs of this length. */
export function standardFeatures(length: number): Feature[] {
  const features: Feature[] = [];
  for (let i = 0; i < length; i++) {
    features.push({ name: `value ${i}`, of: (output) => output[i] ?? Number.NaN });
    features.push({ name: `lowest bit ${i}`, of: (output) => lowestBit(output[i] ?? Number.NaN) });
  }
  for (let i = 0; i + 1 < length; i++) {
    features.push({
      name: `difference ${i + 1} − ${i}`,
      of: (output) => (output[i + 1] ?? Number.NaN) - (output[i] ?? Number.NaN),
    });
  }
  if (length > 1) {
    features.push({ name: 'sum', of: (output) => output.reduce((sum, x) => sum + x, 0) });
    features.push({ name: 'length', of: (output) => Math.sqrt(output.reduce((sum, one) => sum + one * one, 0)) });
  }
  return features;
}
