// Convolution with fewer multiplications: Winograd's minimal filtering F(2×2, 5×5) and F(4×4, 3×3) (Lavin and Gray, arXiv 1509.09308 §4).
//
// Both work on 6×6 tiles of the image: Y = Aᵀ[(G·g·Gᵀ) ⊙ (Bᵀ·d·B)]A, summed over channels before A, so that the middle is 36 products
// of (tiles × channels) by (channels × filters), which `convolve` of convolution.ts does. The points are 0, ±1, ±2 and ∞ for both
// sizes, so Bᵀ is the same; G evaluates a filter's polynomial at them, Aᵀ evaluates back. Steps of 1 only; channels and filters
// are multiples of four. Rounding errors are a few times those of the plain sum (tested).

export { packTransformedFilters } from './winograd/filters';
export { transformFiltersBack, transformGradients } from './winograd/gradients';
export { transformTiles, transformTilesBack } from './winograd/images';
