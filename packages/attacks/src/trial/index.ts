// The door `@sumus/attacks/trial`: one attack against one setting, with the truth beside what was found.
export type { MatchingProgress } from '../inversion/deep-leakage.ts';
export { type PictureShape, pictureSize } from '../pictures/likeness.ts';
export { type AttackName, attackNames, modelFor } from './models.ts';
export { type LabelledPictures, runTrial, type Trial, type TrialOutcome, type TrialPicture } from './trial.ts';
export { examplesIn, type RecordNoise, type TrialSetting, type View, viewOf } from './view.ts';
