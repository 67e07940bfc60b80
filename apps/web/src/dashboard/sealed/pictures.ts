// Bytes and weights as pixels. Noise is grey snow; weights are ink below zero and accent above it.

export interface Rgb {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

/** As a browser writes a computed colour: `rgb(18, 112, 127)`, with or without alpha; black where it is something else. */
export function rgbOf(colour: string): Rgb {
  const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return { r, g, b };
}

/** As many rows of bytes as there are, the last one cut. */
export function bytesAsPicture(bytes: Uint8Array, side: number, [paper, ink]: readonly [Rgb, Rgb]): ImageData {
  const picture = new ImageData(side, side);
  for (let at = 0; at < side * side; at++) {
    const byte = bytes[at];
    put(picture, at, byte === undefined ? undefined : mix(paper, ink, byte / 255));
  }
  return picture;
}

/** Values from −most to most: below zero towards one colour, above towards the other. */
export function weightsAsPicture(
  values: Float32Array | Float64Array,
  { width, height }: { readonly width: number; readonly height: number },
  [below, paper, above]: readonly [Rgb, Rgb, Rgb],
): ImageData {
  const picture = new ImageData(width, height);
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  for (let at = 0; at < width * height; at++) {
    const share = (values[at] ?? 0) / (most || 1);
    put(picture, at, mix(paper, share < 0 ? below : above, Math.abs(share) ** 0.7));
  }
  return picture;
}

const mix = (from: Rgb, to: Rgb, share: number): Rgb => ({
  r: from.r + (to.r - from.r) * share,
  g: from.g + (to.g - from.g) * share,
  b: from.b + (to.b - from.b) * share,
});

function put({ data }: ImageData, at: number, colour: Rgb | undefined): void {
  if (colour === undefined) return;
  data[4 * at] = colour.r;
  data[4 * at + 1] = colour.g;
  data[4 * at + 2] = colour.b;
  data[4 * at + 3] = 255;
}
