// A participant of a run as a machine: which message does what. The round itself is in ../../participant.ts, becoming a member in joining.ts.
//
//   step(setup, state, input, nowMs) → { state, outputs }
//
// What the coordinator says is read in its order: what comes again is passed over, what is missing is asked for. Where it says what it must
// not, this participant keeps its signed words as evidence and leaves. States are used once.

import { stepOnce } from '@sumus/secure-sum/machine/once';
import { NOTHING_KEPT } from '../../contribution/kept.ts';
import { MalformedMessage, ProtocolViolation } from '../../errors.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { askToTrain, enterRound, takeFailed, takePublished, takeResult, takeSum, takeTurn } from '../../participant.ts';
import { type Frame, type HeaderToParticipant, readFrameToParticipant, verifyFrame } from '../frame.ts';
import type { CatchUp, Ended, RoundBegins } from '../messages.ts';
import { sayHello, takeCatchUp, takeCommitted, takeDrawn, takeOffer, takeStarted } from './joining.ts';
import { Own } from './own.ts';
import type {
  ParticipantInput,
  ParticipantInTheClear,
  ParticipantOutput,
  ParticipantSetup,
  ParticipantStep,
} from './setup.ts';

/** `ledger`: the participant's own, of all its runs. */
export const outsideTheRun = (ledger: Ledger): ParticipantInTheClear =>
  Object.freeze({
    standing: 'outside',
    signed: undefined,
    ledger,
    next: 0,
    unacknowledged: [],
    chapter: 0,
    heard: 0,
    asked: undefined,
    drawn: undefined,
    published: undefined,
    kept: NOTHING_KEPT,
    sums: undefined,
    open: undefined,
    work: undefined,
    inFlight: undefined,
    tasks: 0,
  });

export async function stepParticipant(
  setup: ParticipantSetup,
  state: ParticipantInTheClear,
  input: ParticipantInput,
  nowMs: number,
): Promise<ParticipantStep> {
  const { state: next, outputs } = await stepOnce(state, async () => {
    const own = new Own(setup, state, nowMs);
    await act(own, input);
    return { state: own.state, outputs: own.outputs };
  });
  const persisted: readonly ParticipantOutput[] = isStoredAlike(next, state)
    ? outputs
    : [{ kind: 'persist' }, ...outputs];
  return Object.freeze({ state: next, outputs: persisted });
}

/** When it last asked is of this life alone. */
const isStoredAlike = (a: ParticipantInTheClear, b: ParticipantInTheClear): boolean =>
  (Object.keys(a) as readonly (keyof ParticipantInTheClear)[]).every((key) => key === 'asked' || a[key] === b[key]);

async function act(own: Own, input: ParticipantInput): Promise<void> {
  switch (input.kind) {
    case 'begin':
      return sayHello(own);
    case 'received':
      return received(own, input.bytes);
    case 'trained':
      return takeResult(own, input);
    case 'resume':
      await own.ask();
      return askToTrain(own);
    case 'leave':
      return own.leave(input.reason);
    default:
      return input satisfies never;
  }
}

async function received(own: Own, bytes: Uint8Array): Promise<void> {
  const { setup, state } = own;
  const frame = readFrameToParticipant(bytes, setup.messageBytesAtMost);
  const { run, to, chapter, number, acknowledged } = frame.header;
  if (run !== setup.runId || to !== own.name) throw new ProtocolViolation(`a message to ${to} in run ${run}`);
  await verifyFrame(setup.primitives, frame, setup.coordinator);
  if (state.standing === 'left' || state.standing === 'declined' || state.standing === 'over') return;
  const open = state.unacknowledged.filter((one) => one.number >= acknowledged);
  if (open.length < state.unacknowledged.length) own.become({ unacknowledged: open });
  if (number === null) return takeOrLeave(own, frame, bytes);
  const isNext = chapter === state.chapter ? number === state.heard : chapter > state.chapter && number === 0;
  if (!isNext) {
    const isOld = chapter < state.chapter || (chapter === state.chapter && number < state.heard);
    return isOld ? undefined : own.askOnce(chapter);
  }
  // Without the model that a round starts from it is not begun: first what was missed.
  if (isBehind(own, frame)) return own.askOnce(chapter);
  own.become({ chapter, heard: number + 1 });
  return takeOrLeave(own, frame, bytes);
}

function isBehind({ state }: Own, { header }: Frame<HeaderToParticipant>): boolean {
  const { message } = header;
  if (message.type !== 'round') return false;
  return state.drawn?.draw === undefined || (state.published?.version ?? 0) < message.version;
}

/** What a coordinator must not say ends the run for this participant. */
async function takeOrLeave(own: Own, frame: Frame<HeaderToParticipant>, bytes: Uint8Array): Promise<void> {
  const before = own.state;
  try {
    await take(own, frame);
  } catch (error) {
    if (!(error instanceof ProtocolViolation || error instanceof MalformedMessage || isForeignRefusal(error)))
      throw error;
    own.become(before);
    own.outputs.length = 0;
    own.accuse(error.message, bytes);
    await own.leave(error.message.slice(0, 2000));
  }
}

/** The same words of secure-sum, whose classes are its own. */
const isForeignRefusal = (error: unknown): error is Error =>
  error instanceof Error && (error.name === 'ProtocolViolation' || error.name === 'MalformedMessage');

async function take(own: Own, { header, body }: Frame<HeaderToParticipant>): Promise<void> {
  const { message } = header;
  switch (message.type) {
    case 'offer':
      return takeOffer(own, message);
    case 'started':
      return takeStarted(own, message);
    case 'committed':
      return takeCommitted(own, message);
    case 'drawn':
      return takeDrawn(own, message);
    case 'round':
      return enterRound(own, message satisfies RoundBegins);
    case 'turn':
      return takeTurn(own, message);
    case 'sum':
      return takeSum(own, message.round, body);
    case 'published':
      return takePublished(own, message, body);
    case 'failed':
      return takeFailed(own, message);
    case 'catch up':
      return catchUp(own, message, body);
    case 'ended':
      return takeEnded(own, message);
    default:
      return message satisfies never;
  }
}

async function catchUp(own: Own, message: CatchUp, body: Uint8Array): Promise<void> {
  const { published, drawn } = own.state;
  await takeCatchUp(own, message, body);
  const { standing, published: after, drawn: drawnAfter } = own.state;
  // The round that could not be begun without it may have come before it.
  if (standing === 'accepted' && (after !== published || drawnAfter !== drawn)) await own.askOnce();
}

function takeEnded(own: Own, { why, text }: Ended): void {
  own.become({ standing: 'over', open: undefined, work: undefined });
  own.outputs.push({ kind: 'run over', why, text });
}
