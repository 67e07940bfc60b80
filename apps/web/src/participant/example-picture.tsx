// One example as the picture that it is.
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { PictureShape } from './data/demand.ts';

interface ExamplePictureProps {
  /** In [0, 1]: rows, then columns, then channels. */
  readonly values: Float32Array;
  readonly shape: PictureShape;
  readonly title: string;
}

export function ExamplePicture({ values, shape, title }: ExamplePictureProps): JSX.Element {
  const { width, height, channels } = shape;
  const place = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = place.current?.getContext('2d');
    if (context == null) return;
    const image = context.createImageData(width, height);
    for (let pixel = 0; pixel < width * height; pixel += 1) {
      const at = (channel: number): number => Math.round(255 * (values[pixel * channels + channel] ?? 0));
      image.data.set(channels === 1 ? [at(0), at(0), at(0), 255] : [at(0), at(1), at(2), 255], 4 * pixel);
    }
    context.putImageData(image, 0, 0);
  }, [values, width, height, channels]);
  return <canvas ref={place} class="join-picture" width={width} height={height} role="img" aria-label={title} />;
}
