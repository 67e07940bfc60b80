// Networks whose gradients are bounded by construction (Béthune and others 2024, arXiv 2305.16202): inputs of norm ≤
// X_0, layers of known Lipschitz constants, a Lipschitz loss. Forwards X_l = Lip_l · X_{l−1} (+ bias radius); backwards
// G_{l−1} = Lip_l · G_l; the gradient of layer l's weights is at most G_l · X_{l−1}. The constants hold because weights
// are projected after the noisy update, which is post-processing.

import { ParameterError } from '../errors.ts';
import { requireNatural, requireNonNegative, requirePositive } from './gradient-bounds.ts';

export type BoundedLayer =
  /** ‖W‖₂ ≤ spectralNorm; a bias of norm ≤ biasRadius (trained too when positive). */
  | { readonly kind: 'dense'; readonly spectralNorm: number; readonly biasRadius: number }
  /** As an operator ‖W‖₂ ≤ spectralNorm; each input value lies in at most `overlap` patches. */
  | { readonly kind: 'convolution'; readonly spectralNorm: number; readonly overlap: number }
  /** Elementwise or sorting, φ(0) = 0, slope at most `slope` wherever inputs can be: 1 for relu, abs, GroupSort. */
  | { readonly kind: 'activation'; readonly slope: number };

export interface LayerBound {
  /** Norm of the layer's input, at most. */
  readonly input: number;
  /** Norm of the loss gradient at the layer's output, at most. */
  readonly backward: number;
  /** Norm of one example's gradient with respect to this layer's parameters, at most; 0 without parameters. */
  readonly parameters: number;
}

export interface NetworkBound {
  readonly layers: readonly LayerBound[];
  readonly output: number;
  /** Over all parameters: √ Σ. */
  readonly lipschitz: number;
}

export function networkBound(
  inputRadius: number,
  layers: readonly BoundedLayer[],
  /** Of the loss in the network's output: √2 for cross-entropy at temperature 1, 1 for hinge or absolute error. */
  lossLipschitz: number,
): NetworkBound {
  requirePositive('an input radius', inputRadius);
  requirePositive('a loss bound', lossLipschitz);
  if (layers.length === 0) throw new ParameterError('a network has at least one layer');
  const inputs: number[] = [];
  let x = inputRadius;
  for (const layer of layers) {
    inputs.push(x);
    x = gainOf(layer) * x + (layer.kind === 'dense' ? layer.biasRadius : 0);
  }
  const bounds: LayerBound[] = [];
  let g = lossLipschitz;
  let square = 0;
  for (let l = layers.length - 1; l >= 0; l--) {
    const layer = layers[l];
    const parameters = parameterBound(layer, inputs[l], g);
    bounds.unshift({ input: inputs[l], backward: g, parameters: parameters * (1 + 1e-12) });
    square += parameters ** 2;
    g *= gainOf(layer);
  }
  return { layers: bounds, output: x, lipschitz: Math.sqrt(square) * (1 + 1e-12) };
}

function gainOf(layer: BoundedLayer): number {
  switch (layer.kind) {
    case 'dense':
      requireNonNegative('a bias radius', layer.biasRadius);
      requirePositive('a spectral norm', layer.spectralNorm);
      return layer.spectralNorm;
    case 'convolution':
      requireNatural('an overlap', layer.overlap);
      requirePositive('a spectral norm', layer.spectralNorm);
      return layer.spectralNorm;
    case 'activation':
      requirePositive('a slope', layer.slope);
      return layer.slope;
    default:
      return layer satisfies never;
  }
}

function parameterBound(layer: BoundedLayer, input: number, backward: number): number {
  switch (layer.kind) {
    case 'dense':
      // ‖g xᵀ‖_F = ‖g‖‖x‖, and a trained bias has gradient g.
      return backward * (layer.biasRadius > 0 ? Math.hypot(input, 1) : input);
    case 'convolution':
      return backward * input * Math.sqrt(layer.overlap);
    case 'activation':
      return 0;
    default:
      return layer satisfies never;
  }
}

export interface PolynomialNetwork {
  /** ‖x‖ ≤ R. */
  readonly inputRadius: number;
  readonly hiddenUnits: number;
  /** φ(z) = a z² + b z + c. */
  readonly activation: { readonly square: number; readonly linear: number; readonly constant: number };
  /** ‖W₁‖₂ ≤ s₁ and ‖W₂‖₂ ≤ s₂, held by projection. */
  readonly spectralNorms: readonly [number, number];
  /** √2 for softmax cross-entropy; for ½‖out − y‖² the bound s₂H + ‖y‖ is used, given as the bound on ‖y‖. */
  readonly loss: { readonly kind: 'softmax' } | { readonly kind: 'squared'; readonly targetNorm: number };
}

/**
 * Two layers with a quadratic activation: X₁ = s₁R, L_φ = 2|a|X₁ + |b|, H = |c|√h + |b|X₁ + |a|X₁² ≤ |c|√h + L_φX₁;
 * ‖∇W₂‖ ≤ gH, ‖∇W₁‖ ≤ s₂ g L_φ R. Loose by one or two orders of magnitude against typical gradients: wants large
 * batches.
 */
export function polynomialNetworkBound(network: PolynomialNetwork): {
  readonly lipschitz: number;
  readonly hidden: number;
} {
  const { inputRadius, hiddenUnits, activation, spectralNorms, loss } = network;
  requirePositive('an input radius', inputRadius);
  requireNatural('a number of hidden units', hiddenUnits);
  const [s1, s2] = spectralNorms;
  requirePositive('a spectral norm', s1);
  requirePositive('a spectral norm', s2);
  for (const coefficient of Object.values(activation)) requireNonNegative('a coefficient', Math.abs(coefficient));
  if (loss.kind === 'squared') requireNonNegative('a target norm', loss.targetNorm);
  const x1 = s1 * inputRadius;
  const slope = 2 * Math.abs(activation.square) * x1 + Math.abs(activation.linear);
  const hidden = Math.abs(activation.constant) * Math.sqrt(hiddenUnits) + slope * x1;
  const g = loss.kind === 'softmax' ? Math.SQRT2 : s2 * hidden + loss.targetNorm;
  return { hidden, lipschitz: Math.hypot(g * hidden, s2 * g * slope * inputRadius) * (1 + 1e-12) };
}
