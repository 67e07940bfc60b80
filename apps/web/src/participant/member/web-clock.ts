// The browser's clock and timers.
import type { Clock } from '@sumus/client/clock';

export const webClock: Clock = Object.freeze({
  nowMs: () => Date.now(),
  after: (delayMs: number, action: () => void) => {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
});
