// The door `@sumus/differential-privacy/polynomials`.
export { type Fit, type FitMethod, type FitRequest, fit } from './fit.ts';
export { type Interval, interpolate, Polynomial } from './polynomial.ts';
export { logLoss, relu, sigmoid, softplus, type Target, tanh } from './targets.ts';
