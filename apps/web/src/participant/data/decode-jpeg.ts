// JPEG by the browser's own decoder, in a worker.
import { MalformedData } from '@sumus/dataset/errors';
import type { ImageDecoder } from '@sumus/dataset/images';

export const decodeJpeg: ImageDecoder = async (bytes) => {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }));
  } catch (cause) {
    throw new MalformedData('the browser cannot read this JPEG', {}, { cause });
  }
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new MalformedData('this browser draws on no canvas');
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return { width, height, channels: 4, samples: new Uint8Array(context.getImageData(0, 0, width, height).data.buffer) };
};
