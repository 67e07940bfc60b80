// The door `@sumus/attacks/pictures`: how near a recovered picture is, asked by who holds the truth.
export {
  meanSquaredError,
  type PictureShape,
  peakSignalToNoise,
  pictureSize,
  structuralSimilarity,
} from './likeness.ts';
export { type Likeness, likeness, type Nearest, nearest, shownPicture } from './nearest.ts';
