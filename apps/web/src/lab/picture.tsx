// Numbers as a grey picture, one pixel each, and what it shows in words.
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { DIGIT_SIDE } from '../digits/digits.ts';

interface PictureProps {
  /** In [0, 1]; undefined where nothing was found. */
  readonly values: Float32Array | undefined;
  readonly title: string;
}

export function Picture({ values, title }: PictureProps): JSX.Element {
  const place = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = place.current?.getContext('2d');
    if (context == null) return;
    const image = context.createImageData(DIGIT_SIDE, DIGIT_SIDE);
    for (let pixel = 0; pixel < DIGIT_SIDE * DIGIT_SIDE; pixel += 1) {
      const grey = Math.round(255 * (values?.[pixel] ?? 0));
      image.data.set([grey, grey, grey, values === undefined ? 0 : 255], 4 * pixel);
    }
    context.putImageData(image, 0, 0);
  }, [values]);
  return (
    <canvas
      ref={place}
      class="pixels"
      width={DIGIT_SIDE}
      height={DIGIT_SIDE}
      role="img"
      aria-label={title}
      title={title}
    />
  );
}
