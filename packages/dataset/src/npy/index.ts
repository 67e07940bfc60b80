// The door of src/npy.
export { usualZipLimits, type ZipLimits } from '../archive/zip.ts';
export { type NumpyArray, readNpy, readNpz } from './npy.ts';
export { columnsFromNumpy, tableFromNumpy } from './numpy-table.ts';
