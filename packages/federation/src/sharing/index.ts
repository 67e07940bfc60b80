// The door `@sumus/federation/sharing`: which part of an update leaves, and which part of a model is taken over. Participants; a server
// enters by `@sumus/federation/coordinator` and gets the download statistics alone.
export { addClearUpload, CLEAR_WARNING, type ClearUpload, clearUpload } from './clear-upload.ts';
export {
  countSum,
  countUpload,
  type DownloadStatistics,
  decayed,
  freshStatistics,
  mostUpdated,
} from './download.ts';
export { afterDownload, type Download } from './local-model.ts';
export { type SelectedUpdate, selectUpdate, type UpdateToShare, type UploadRule, uploadCount } from './upload.ts';
