// Everything that a server can be asked. Base `/v1`; what is not in this table is not there.

import { BYTES_TYPE, blobState, FRAME_BLOB_TYPE, LINES_TYPE } from '../bodies/blobs.ts';
import { answerEnrolment, enrol, enrolmentState, invitationDetails, registerInvitation } from '../bodies/enrolment.ts';
import { nothing } from '../bodies/names.ts';
import { createRun, nameObserver, removeMember, revocationsBody, runList, runStatus, stopRun } from '../bodies/runs.ts';
import { serverInfo } from '../bodies/server-info.ts';
import type { AnswerBody, Asker, BodyShape, QueryParameter, RequestBody, Route } from './route.ts';

const none: RequestBody & AnswerBody = { kind: 'none' };
const json = (shape: BodyShape): { readonly kind: 'json'; readonly shape: BodyShape } => ({ kind: 'json', shape });
const number = (isRequired: boolean, means: string): QueryParameter => ({
  pattern: /^(0|[1-9][0-9]{0,15})$/,
  isRequired,
  means,
});

type Rest = Partial<Omit<Route, 'method' | 'path' | 'askers' | 'means'>>;

const route = (method: Route['method'], path: string, askers: readonly Asker[], means: string, rest: Rest): Route =>
  Object.freeze({ method, path, askers, means, query: {}, body: none, status: 200, answer: none, ...rest });

const get = (path: string, askers: readonly Asker[], means: string, rest: Rest): Route =>
  route('GET', path, askers, means, rest);
const post = (path: string, askers: readonly Asker[], means: string, rest: Rest): Route =>
  route('POST', path, askers, means, { status: 204, ...rest });
const put = (path: string, askers: readonly Asker[], means: string, rest: Rest): Route =>
  route('PUT', path, askers, means, { status: 204, ...rest });

const RUN = '/v1/runs/{run}';
const readers: readonly Asker[] = ['owner', 'observer', 'participant'];

export type RouteName =
  | 'server'
  | 'health'
  | 'ready'
  | 'metrics'
  | 'openapi'
  | 'createRun'
  | 'runs'
  | 'run'
  | 'start'
  | 'stop'
  | 'pause'
  | 'resume'
  | 'remove'
  | 'observers'
  | 'revoke'
  | 'revocations'
  | 'invite'
  | 'invitation'
  | 'enrol'
  | 'enrolments'
  | 'enrolment'
  | 'answerEnrolment'
  | 'frames'
  | 'messages'
  | 'upload'
  | 'uploaded'
  | 'blob'
  | 'events';

export const ROUTES: Readonly<Record<RouteName, Route>> = Object.freeze({
  server: get('/v1/server', ['anybody'], 'who this server is, and what it takes', { answer: json(serverInfo) }),
  health: get('/health', ['anybody'], 'whether the process lives', { answer: { kind: 'text', type: 'text/plain' } }),
  ready: get('/ready', ['anybody'], 'whether it can do its work: the store answers', {
    answer: { kind: 'text', type: 'text/plain' },
  }),
  metrics: get('/metrics', ['anybody'], 'numbers for Prometheus', { answer: { kind: 'text', type: 'text/plain' } }),
  openapi: get('/openapi.json', ['anybody'], 'this table as an OpenAPI document', {
    answer: { kind: 'text', type: 'application/json' },
  }),

  createRun: post('/v1/runs', ['owner'], 'create a run from a signed plan; the same again changes nothing', {
    body: json(createRun),
    status: 201,
    answer: json(runStatus),
  }),
  runs: get('/v1/runs', ['owner'], 'the runs whose owner asks', { answer: json(runList) }),
  run: get(RUN, [...readers, 'invited'], 'what a run is at this moment', { answer: json(runStatus) }),
  start: post(`${RUN}/start`, ['owner'], 'begin with those who accepted, where they are enough', {
    body: json(nothing),
    status: 200,
    answer: json(runStatus),
  }),
  stop: post(`${RUN}/stop`, ['owner'], 'end the run', { body: json(stopRun) }),
  pause: post(`${RUN}/pause`, ['owner'], 'open no further round until it is resumed', { body: json(nothing) }),
  resume: post(`${RUN}/resume`, ['owner'], 'go on', { body: json(nothing) }),
  remove: post(`${RUN}/remove`, ['owner'], 'give a member up for the rest of the run', { body: json(removeMember) }),
  observers: post(`${RUN}/observers`, ['owner'], 'let a key read the events', { body: json(nameObserver) }),
  revoke: post(`${RUN}/revocations`, ['owner'], "the authority's newest list of revoked certificates", {
    body: json(revocationsBody),
  }),
  revocations: get(`${RUN}/revocations`, readers, "the authority's newest list", { answer: json(revocationsBody) }),

  invite: post(`${RUN}/invitations`, ['owner'], 'register an invitation, without its secret', {
    body: json(registerInvitation),
  }),
  invitation: get(`${RUN}/invitations/{invitation}`, ['invited'], 'what an invitation is for, with the signed plan', {
    answer: json(invitationDetails),
  }),
  enrol: post(`${RUN}/enrolments`, ['invited'], 'ask for a certificate under an invitation; the first one counts', {
    body: json(enrol),
  }),
  enrolments: get(`${RUN}/enrolments`, ['owner'], 'who asks for certificates, as events; an id counts them from 0', {
    query: { from: number(false, 'the first one wanted; a last-event-id comes before it') },
    answer: { kind: 'events', data: 'enrolmentAsked' },
  }),
  enrolment: get(`${RUN}/enrolments/{invitation}`, ['invited', 'participant', 'owner'], 'where an enrolment stands', {
    answer: json(enrolmentState),
  }),
  answerEnrolment: put(`${RUN}/enrolments/{invitation}/answer`, ['owner'], 'certify or refuse', {
    body: json(answerEnrolment),
  }),

  frames: post(
    `${RUN}/frames`,
    ['participant'],
    'a message of the run: its frame, or the name of one that was uploaded',
    {
      body: { kind: 'bytes', types: [BYTES_TYPE, FRAME_BLOB_TYPE], limit: 'frameBytes' },
    },
  ),
  messages: get(`${RUN}/messages`, ['participant'], 'what the coordinator says to this participant, from now on', {
    answer: { kind: 'events', data: 'message' },
  }),
  upload: put(`${RUN}/blobs/{sha256}`, ['participant', 'owner'], 'one piece of a blob', {
    query: { bytes: number(true, 'of the whole blob'), offset: number(true, 'where this piece begins') },
    body: { kind: 'bytes', types: [BYTES_TYPE], limit: 'pieceBytes' },
    status: 200,
    answer: json(blobState),
  }),
  uploaded: get(`${RUN}/blobs/{sha256}/state`, ['participant', 'owner'], 'how much of a blob is there', {
    answer: json(blobState),
  }),
  blob: get(`${RUN}/blobs/{sha256}`, readers, 'the bytes of a blob that the asker may have; ranges are served', {
    answer: { kind: 'bytes', type: BYTES_TYPE },
  }),

  events: get(`${RUN}/events`, readers, 'what happened, as events whose id is the place in the log', {
    query: {
      from: number(false, 'the first one wanted; a last-event-id comes before it'),
      format: { pattern: /^ndjson$/, isRequired: false, means: `all there is now, as ${LINES_TYPE}` },
    },
    answer: { kind: 'events', data: 'event' },
  }),
});
