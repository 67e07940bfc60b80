// The door `@sumus/secure-sum/support`: which coordinates a round sums, what a participant shares within them, and what it keeps.
export { drawSupport, type SupportDraw, type SupportRule } from './draw.ts';
export { noResidual, type Residual, type Share, shareOf } from './feedback.ts';
export { freshGuide, type Guide, updatedGuide } from './guide.ts';
export { type Selection, zeroUnselected } from './selection.ts';
export { drawSketch, type SketchPlan, type SketchShape, sketchOf, unsketched } from './sketch.ts';
export { gather, requireAnnounced, type Support, scatter, supportOf, wholeSupport } from './support.ts';
export { publishable, requirePublishable, touchedWords } from './touched.ts';
