// The door `@sumus/learning/features`.

export { FEATURE_LENGTH, GROUP_COUNT, GROUP_EPSILON, IMAGE_LENGTH, type Scattering, scattering } from './scattering.ts';
