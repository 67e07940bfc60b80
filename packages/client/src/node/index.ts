// The door `@sumus/client/node`: a participant on this machine. The one part of this package that touches a platform.
export { folderKey } from './folder-key.ts';
export { FolderInUse } from './folder-lock.ts';
export { type FolderStorage, folderStorage } from './folder-storage.ts';
export {
  type Allowance,
  type BeginOptions,
  type FolderOptions,
  LocalParticipant,
  USUAL_DATASET,
} from './local-participant.ts';
export { nodeClock } from './node-clock.ts';
export { type NodeTransportOptions, nodeTransport } from './node-transport.ts';
export { type TakePartOptions, type TakingPart, takePart } from './take-part.ts';
export { threadWorker } from './thread-worker.ts';
