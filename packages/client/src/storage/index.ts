// The door `@sumus/client/storage`: what a platform brings to keep things, and the seal over it.
export { sealedStorage } from './sealed-storage.ts';
export { isStorageName, type Storage } from './storage.ts';
