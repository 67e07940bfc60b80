// What a layer is, as data. Optional members have defaults, which `architecture` fills in, so that equal models have equal JSON.

/** How weights start: uniform within ±√(6/fanIn) (He et al., arXiv 1502.01852), within ±√(6/(fanIn + fanOut)) (Glorot and Bengio 2010), or zero. */
export type Initialiser = 'he' | 'glorot' | 'zeros';

export interface Dense {
  readonly kind: 'dense';
  readonly units: number;
  readonly bias?: boolean;
  readonly initialiser?: Initialiser;
}

/** Convolution of rows × columns × channels; padding with zeros on every side, or `same`: output size = ⌈size / step⌉. */
export interface Conv2d {
  readonly kind: 'conv2d';
  readonly filters: number;
  readonly kernel: number;
  readonly step?: number;
  readonly padding?: number | 'same';
  readonly groups?: number;
  readonly bias?: boolean;
  readonly initialiser?: Initialiser;
}

export interface Pool {
  readonly kind: 'maxPool' | 'averagePool';
  readonly window: number;
  readonly step?: number;
}

/** The mean over all rows and columns. */
export interface GlobalAveragePool {
  readonly kind: 'globalAveragePool';
}

export interface Flatten {
  readonly kind: 'flatten';
}

export interface Activation {
  readonly kind: 'relu' | 'tanh' | 'sigmoid' | 'softplus' | 'gelu' | 'square';
}

export interface LeakyRelu {
  readonly kind: 'leakyRelu';
  readonly slope?: number;
}

/** Σ coefficients[i]·xⁱ. */
export interface Polynomial {
  readonly kind: 'polynomial';
  readonly coefficients: readonly number[];
}

/** Sets a share `rate` of the elements to zero while training, and scales the others by 1/(1 - rate). */
export interface Dropout {
  readonly kind: 'dropout';
  readonly rate: number;
}

/** Over all elements of an example; gain and bias an element (arXiv 1607.06450). */
export interface LayerNorm {
  readonly kind: 'layerNorm';
  readonly epsilon?: number;
}

/** Over rows, columns and the channels of a group; gain and bias a channel (arXiv 1803.08494). */
export interface GroupNorm {
  readonly kind: 'groupNorm';
  readonly groups: number;
  readonly epsilon?: number;
}

/** Turns a row of token numbers into rows of `width` floats. Only as the first layer. */
export interface Embedding {
  readonly kind: 'embedding';
  readonly vocabulary: number;
  readonly width: number;
}

/** input + layers(input), or shortcut(input) + layers(input). */
export interface Residual {
  readonly kind: 'residual';
  readonly layers: readonly LayerSpec[];
  readonly shortcut?: readonly LayerSpec[];
}

export type LayerSpec =
  | Dense
  | Conv2d
  | Pool
  | GlobalAveragePool
  | Flatten
  | Activation
  | LeakyRelu
  | Polynomial
  | Dropout
  | LayerNorm
  | GroupNorm
  | Embedding
  | Residual;

export type LayerKind = LayerSpec['kind'];
