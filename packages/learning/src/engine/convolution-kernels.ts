/** Convolution of one image; contracts in kernels/convolution.ts. */
export interface ConvolutionKernels {
  placeImage(
    out: number,
    outRow: number,
    outPixel: number,
    image: number,
    inPixel: number,
    rows: number,
    columns: number,
    channels: number,
  ): void;
  packFilters(out: number, filters: number, rowStride: number, rows: number, n: number, bias: number): void;
  packFlippedFilters(out: number, filters: number, rowStride: number, taps: number, channels: number, n: number): void;
  convolve(
    out: number,
    outRow: number,
    image: number,
    imageRow: number,
    rowStep: number,
    pixelStep: number,
    rows: number,
    columns: number,
    kernelRows: number,
    segment: number,
    packed: number,
    n: number,
    floor: number,
    edge: number,
  ): void;
  filterGradient(
    out: number,
    outRow: number,
    image: number,
    imageRow: number,
    rowStep: number,
    pixelStep: number,
    rows: number,
    columns: number,
    kernelRows: number,
    segment: number,
    gradient: number,
    gradientRow: number,
    n: number,
    accumulate: number,
    panels: number,
    edge: number,
  ): void;
}
