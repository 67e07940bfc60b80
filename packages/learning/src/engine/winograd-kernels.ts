/** Convolution with fewer multiplications; contracts in kernels/winograd.ts. */
export interface WinogradKernels {
  transformTiles(
    out: number,
    image: number,
    imageRow: number,
    channels: number,
    tileRows: number,
    tileColumns: number,
    advance: number,
    scratch: number,
  ): void;
  transformTilesBack(
    out: number,
    outPixel: number,
    rows: number,
    columns: number,
    products: number,
    filters: number,
    tileRows: number,
    tileColumns: number,
    size: number,
    bias: number,
    floor: number,
    scratch: number,
  ): void;
  packTransformedFilters(
    out: number,
    filters: number,
    tapStride: number,
    channelStride: number,
    filterStride: number,
    kernel: number,
    channels: number,
    n: number,
    plain: number,
    scratch: number,
  ): void;
  transformGradients(
    out: number,
    gradient: number,
    gradientPixel: number,
    rows: number,
    columns: number,
    filters: number,
    tileRows: number,
    tileColumns: number,
    size: number,
    scratch: number,
  ): void;
  transformFiltersBack(
    out: number,
    tapStride: number,
    channelStride: number,
    matrices: number,
    kernel: number,
    channels: number,
    n: number,
    accumulate: number,
    scratch: number,
  ): void;
}
