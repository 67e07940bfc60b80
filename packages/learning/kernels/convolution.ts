// Convolution of one image, rows × columns × channels, without im2col: the matrix of patches is only ever *read through*.
//
// Patch p = (y, x) of a padded image starts at image + y·rowStep + x·pixelStep, and its entries (ky, kx, c) lie at
// ky·imageRow + (kx·channels + c), so each kernel row is one contiguous segment. The forward pass multiplies patches by filters;
// the gradient with respect to the input is the same function on the padded output gradient with the filters flipped
// (Dumoulin and Visin 2016, relationship 14); the gradient with respect to the filters is patchesᵀ · output gradient.
// Order of additions: kernel rows, then columns, then channels, upwards; for filters, positions upwards.

export { filterGradient } from './convolution/filter-gradient';
export { packFilters, packFlippedFilters, placeImage } from './convolution/packing';
export { convolve } from './convolution/patches';
