// A picture of the user's own, as the lab's networks take it: 28 × 28, grey. Decoded by the browser, cut to a square, and never kept.
import { DIGIT_SIDE } from '../digits/digits.ts';

/** Refuses what no browser can read. */
export async function ownPicture(file: Blob): Promise<Float32Array<ArrayBuffer>> {
  const bitmap = await createImageBitmap(file);
  try {
    const side = Math.min(bitmap.width, bitmap.height);
    const canvas = new OffscreenCanvas(DIGIT_SIDE, DIGIT_SIDE);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (context === null) throw new Error('this browser draws on no canvas');
    context.imageSmoothingQuality = 'high';
    const [left, top] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
    context.drawImage(bitmap, left, top, side, side, 0, 0, DIGIT_SIDE, DIGIT_SIDE);
    const { data } = context.getImageData(0, 0, DIGIT_SIDE, DIGIT_SIDE);
    // Rec. 601 luma.
    return Float32Array.from({ length: DIGIT_SIDE * DIGIT_SIDE }, (_, pixel) => {
      const at = 4 * pixel;
      return (0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0)) / 255;
    });
  } finally {
    bitmap.close();
  }
}
