// The door `@sumus/federation/run`: what happened in a run and what it is at a moment, for stores, dashboards, replays and audits. Public.
export { commitmentOf, contextOfRound, drawOf } from './draw.ts';
export { eventLine, eventSchema, readEvent } from './event-schema.ts';
export type {
  BlobName,
  Cause,
  EndOfRun,
  EvidenceFound,
  PhaseClosed,
  Reason,
  Released,
  RoundFailed,
  RoundOpened,
  RunCreated,
  RunEnded,
  RunEvent,
  RunEventKind,
} from './events.ts';
export { fold } from './fold.ts';
export {
  type Frame,
  type HeaderToCoordinator,
  type HeaderToParticipant,
  readFrameToCoordinator,
  readFrameToParticipant,
  verifyFrame,
} from './frame.ts';
export type { ToCoordinator, ToParticipant } from './messages.ts';
export type { LiveInput, LiveRound, PastRelease, RunMember, RunPhase, RunState } from './state.ts';
export { awaitedNow, liveRound, memberOf } from './state.ts';
