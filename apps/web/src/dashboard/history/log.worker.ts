// The worker that holds a log: it reads, folds and verifies, so that the page's own thread never does.
import { loadWebPrimitives } from '@sumus/platform/web';
import { kindName } from './codes.ts';
import { hexOf, planProblem, receiptOf, verifyLog } from './proofs.ts';
import { LogReader } from './reader.ts';
import type { Answers, FromWorker, Request, ShownEvent, ToWorker } from './worker-messages.ts';

const primitives = loadWebPrimitives();
// Where there is no WebCrypto only what needs it is refused.
primitives.catch(() => undefined);

let reader = new LogReader();
let opened = 0;
let toldAtMs = 0;
let bytesInAll: number | null = null;
let later: ReturnType<typeof setTimeout> | undefined;

const PIECE_BYTES = 2 ** 18;
const TELL_EVERY_MS = 200;

const tell = (message: FromWorker): void => postMessage(message);

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  switch (data.type) {
    case 'open':
      opened += 1;
      clearTimeout(later);
      open(data, opened).catch((cause: unknown) => tell({ type: 'failed', text: textOf(cause) }));
      return;
    case 'bytes':
      reader.push(data.bytes);
      report(false);
      return;
    case 'ask':
      answer(data.request).then(
        (found) => tell({ type: 'answer', number: data.number, answer: found }),
        (cause: unknown) => tell({ type: 'refused', number: data.number, text: textOf(cause) }),
      );
      return;
    default:
      data satisfies never;
  }
});

async function open({ source }: Extract<ToWorker, { type: 'open' }>, mine: number): Promise<void> {
  bytesInAll = null;
  if (source.kind === 'live') {
    reader = new LogReader();
    return;
  }
  let stream: ReadableStream<Uint8Array<ArrayBuffer>> | null;
  if (source.kind === 'file') {
    reader = new LogReader(source.file);
    bytesInAll = source.file.size;
    stream = source.file.stream();
  } else {
    reader = new LogReader();
    const response = await fetch(source.address);
    if (!response.ok) throw new Error(`${source.address}: ${response.status} ${response.statusText}`);
    stream = response.body;
  }
  if (stream === null) return;
  let read = 0;
  const chunks = stream.getReader();
  for (;;) {
    const { done, value } = await chunks.read();
    if (opened !== mine) return;
    if (done) break;
    for (let at = 0; at < value.length; at += PIECE_BYTES) {
      reader.push(value.slice(at, at + PIECE_BYTES));
      read += Math.min(PIECE_BYTES, value.length - at);
      report(false, read);
      // Whoever asks while a log is read is answered between two pieces.
      await pause();
      if (opened !== mine) return;
    }
    if (reader.damage !== undefined) break;
  }
  reader.end();
  report(true, read);
}

function report(isWhole: boolean, bytesRead: number = reader.bytes.sizeBytes): void {
  const now = performance.now();
  clearTimeout(later);
  const waitMs = toldAtMs + TELL_EVERY_MS - now;
  if (!isWhole && waitMs > 0 && reader.damage === undefined) {
    // The last piece may be this one: of a run that is followed nobody knows when the next comes.
    later = setTimeout(() => report(false, bytesRead), waitMs);
    return;
  }
  toldAtMs = now;
  const summary = reader.history.summary();
  if (summary !== undefined) tell({ type: 'summary', summary, bytesRead, bytesInAll, isWhole });
  if (reader.damage !== undefined) {
    tell({ type: 'damage', line: reader.damage.line, text: reader.damage.message });
  }
}

async function answer(request: Request): Promise<Answers[Request['kind']]> {
  const { history } = reader;
  switch (request.kind) {
    case 'scene':
      return history.sceneAt(request.position);
    case 'position':
      return history.positionAt(request.atMs);
    case 'verify':
      return verifyLog(await primitives, reader);
    case 'plan':
      return planProblem(await primitives, reader);
    case 'receipt':
      return receiptOf(await primitives, reader, request.member, request.round);
    case 'events':
      return shown(request.from, request.to);
    case 'key': {
      const certificate = history.certificateOf(request.member);
      if (certificate === undefined) return null;
      const bytes = Uint8Array.from(certificate.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
      return hexOf((await primitives).sha256(bytes));
    }
    default:
      return request satisfies never;
  }
}

function shown(from: number, to: number): ShownEvent[] {
  const { history } = reader;
  const events: ShownEvent[] = [];
  for (let index = Math.max(0, from); index < Math.min(to, history.length); index++) {
    const { kind, member, atMs } = history.eventAt(index);
    events.push({ index, atMs, kind: kindName(kind), member });
  }
  return events;
}

const channel = new MessageChannel();
let resumed: (() => void) | undefined;
channel.port1.onmessage = (): void => resumed?.();

/** Back soon, after what is waiting. A timer would wait for at least four milliseconds. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    resumed = resolve;
    channel.port2.postMessage(null);
  });
}

const textOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
