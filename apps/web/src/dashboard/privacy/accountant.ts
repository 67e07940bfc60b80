// The page's end of the accountant's worker. Started when something is first asked.
import type { PrivacyAnswered, PrivacyAnswers, PrivacyAsked, PrivacyRequest } from './accountant-messages.ts';

let worker: Worker | undefined;
let asked = 0;
const waiting = new Map<number, { resolve: (answer: never) => void; reject: (cause: Error) => void }>();

function started(): Worker {
  if (worker !== undefined) return worker;
  worker = new Worker(new URL('./accountant.worker.ts', import.meta.url), { type: 'module', name: 'accountant' });
  worker.addEventListener('message', ({ data }: MessageEvent<PrivacyAnswered>) => {
    const one = waiting.get(data.number);
    waiting.delete(data.number);
    // Which answer belongs to which request the number says, and the compiler cannot know.
    if ('answer' in data) one?.resolve(data.answer as never);
    else one?.reject(new Error(data.refused));
  });
  return worker;
}

export function askAccountant<K extends PrivacyRequest['kind']>(
  request: Extract<PrivacyRequest, { kind: K }>,
): Promise<PrivacyAnswers[K]> {
  asked += 1;
  const number = asked;
  return new Promise<PrivacyAnswers[K]>((resolve, reject) => {
    waiting.set(number, { resolve, reject });
    const message: PrivacyAsked = { number, request };
    started().postMessage(message);
  });
}
