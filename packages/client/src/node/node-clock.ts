// Node's clock and timers.

import type { Clock } from '../clock/clock.ts';

export const nodeClock: Clock = Object.freeze({
  nowMs: () => Date.now(),
  after: (delayMs: number, action: () => void) => {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
});
