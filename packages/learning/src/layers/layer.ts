// What every layer can do, and what it works on. Layers hold addresses in the engine's memory and no numbers of their own.
//
// A backward pass first brings the gradient of the loss to every layer's input (`backward`), and keeps it. Gradients of parameters are
// then asked for in the grain that is wanted: summed over a range of examples, as squared norms an example, or as a weighted sum.
// That is how clipped sums cost one backward pass: norms, then weights, then one weighted sum (Goodfellow, arXiv 1510.01799; Li et
// al., arXiv 2110.05679 "ghost clipping").

/** One row an example: `size` floats at `value`; the loss's gradient with respect to them at `gradient` (0: nobody needs it). */
export interface Tensor {
  readonly value: number;
  readonly gradient: number;
  readonly size: number;
}

export interface Pass {
  /** Examples in this pass. */
  readonly count: number;
  /** Whether dropout drops; its seed for this pass, different in every step. */
  readonly training: boolean;
  readonly dropoutSeed: number;
}

export interface Layer {
  readonly output: Tensor;
  forward(pass: Pass): void;
  /** From output.gradient to the input's gradient, if the input has one. */
  backward(pass: Pass): void;
  /** Present on layers with parameters. */
  readonly parameters?: ParameterGradients;
}

/** Gradients of a layer's parameters, after `backward`. `target` is the address of a flat vector of all parameters' gradients. */
export interface ParameterGradients {
  /** target (+)= Σ of the gradients of examples first … first + count - 1; `fresh` means: whatever is there is replaced. */
  sum(target: number, first: number, count: number, fresh: boolean): void;
  /** norms[i] += the squared norm of example i's gradient; `norms` are doubles. */
  addSquaredNorms(norms: Float64Array, count: number): void;
  /** target += Σ factors[i] · gradient of example i; must follow addSquaredNorms of the same pass. `factors` are floats in memory. */
  addWeightedSum(target: number, factors: number, count: number): void;
}
