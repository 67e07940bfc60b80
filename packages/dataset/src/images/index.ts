// The door of src/images.
export {
  type Image,
  type ImageDecoder,
  type ImageLimits,
  jpegExtent,
  usualImageLimits,
  withChannels,
} from './image.ts';
export {
  type ImageSet,
  imagesFromIdx,
  type PictureFile,
  type PictureOptions,
  type PictureReading,
  readPictures,
} from './image-set.ts';
export { decodePng, isPng } from './png.ts';
export { resized } from './resize.ts';
