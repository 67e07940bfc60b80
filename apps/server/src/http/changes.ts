// When to look again: at once, after each change that this process hears of, and every second where other processes write, too.

import type { House } from './context.ts';

const LOOK_MS = 1000;

/** `subscribe`: answers how to stop it. Ends when `signal` is aborted. */
export async function* changes(
  { runs: { isShared } }: Pick<House, 'runs'>,
  subscribe: (listener: () => void) => () => void,
  signal: AbortSignal,
): AsyncGenerator<void> {
  let isNews = true;
  let wake: (() => void) | undefined;
  const tell = (): void => {
    isNews = true;
    wake?.();
  };
  const stop = subscribe(tell);
  const timer = isShared ? setInterval(tell, LOOK_MS) : undefined;
  signal.addEventListener('abort', tell);
  try {
    while (!signal.aborted) {
      if (!isNews) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      isNews = false;
      yield;
    }
  } finally {
    stop();
    clearInterval(timer);
    signal.removeEventListener('abort', tell);
  }
}
