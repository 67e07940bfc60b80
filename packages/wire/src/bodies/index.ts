// The door `@sumus/wire/bodies`: what requests and answers say, each with the shape that reads it.
export {
  type BlobState,
  BYTES_TYPE,
  blobState,
  EVENTS_TYPE,
  FRAME_BLOB_TYPE,
  JSON_TYPE,
  LINES_TYPE,
} from './blobs.ts';
export {
  type AnswerEnrolment,
  answerEnrolment,
  type Enrol,
  type EnrolmentAsked,
  type EnrolmentState,
  enrol,
  enrolmentAsked,
  enrolmentState,
  type InvitationDetails,
  invitationDetails,
  type MemberRole,
  type RegisterInvitation,
  registerInvitation,
} from './enrolment.ts';
export {
  type BlobReference,
  blobReference,
  hash,
  invitationId,
  key,
  memberName,
  type Nothing,
  nothing,
  runId,
} from './names.ts';
export {
  type CreateRun,
  createRun,
  type MemberStatus,
  type NameObserver,
  nameObserver,
  type RemoveMember,
  type RevocationsBody,
  type RunList,
  type RunStatus,
  removeMember,
  revocationsBody,
  runList,
  runStatus,
  type StopRun,
  stopRun,
} from './runs.ts';
export { type ServerInfo, type ServerLimits, serverInfo, USUAL_LIMITS } from './server-info.ts';
export { readThresholdKey, type ThresholdKeyText, thresholdKeyText, writeThresholdKey } from './threshold-key.ts';
