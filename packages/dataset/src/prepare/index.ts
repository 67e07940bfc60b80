// The door of src/prepare.
export { applyRecipe } from './apply.ts';
export { type Features, featuresOf } from './features.ts';
export { fitRecipe } from './fit.ts';
export { applyImages, fitImages, type ImageFeatures, type ImageRecipe, type ImageStep } from './images.ts';
export { type FittedStep, type Recipe, recipeFromJson, type Step } from './recipe.ts';
export { localSums, recipeFromSums, type SharedStep, sumsLength } from './shared-statistics.ts';
