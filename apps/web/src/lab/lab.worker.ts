// The lab's attacks, in a worker: the page's thread only draws. Pictures come from the page's own folder or from its user, and go nowhere.

import { loadDigits } from '../digits/load-digits.ts';
import type { LabAnswered, LabAsked } from './lab-messages.ts';
import { Laboratory } from './laboratory.ts';

let laboratory: Promise<Laboratory> | undefined;

addEventListener('message', ({ data: { number, digits, request } }: MessageEvent<LabAsked>) => {
  const tell = (message: LabAnswered): void => postMessage(message);
  laboratory ??= loadDigits(digits).then((found) => new Laboratory(found));
  let told = 0;
  const onProgress = (progress: number): void => {
    if (progress - told < 0.02) return;
    told = progress;
    tell({ number, progress });
  };
  laboratory
    .then((one) => one.answer(request, onProgress))
    .then(
      (answer) => tell({ number, answer }),
      (cause: unknown) => tell({ number, refused: cause instanceof Error ? cause.message : String(cause) }),
    );
});
