/** Pooling of one image; contracts in kernels/pooling.ts. */
export interface PoolingKernels {
  maxPool(
    y: number,
    x: number,
    columns: number,
    channels: number,
    outRows: number,
    outColumns: number,
    window: number,
    step: number,
  ): void;
  maxPoolGradient(
    dx: number,
    dy: number,
    x: number,
    y: number,
    columns: number,
    channels: number,
    outRows: number,
    outColumns: number,
    window: number,
    step: number,
  ): void;
  averagePool(
    y: number,
    x: number,
    columns: number,
    channels: number,
    outRows: number,
    outColumns: number,
    windowRows: number,
    windowColumns: number,
    step: number,
  ): void;
  averagePoolGradient(
    dx: number,
    dy: number,
    columns: number,
    channels: number,
    outRows: number,
    outColumns: number,
    windowRows: number,
    windowColumns: number,
    step: number,
  ): void;
}
