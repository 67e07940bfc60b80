// What anybody may ask: who the server is, whether it lives, how busy it is, and what it can be asked.

import { Problem } from '@sumus/wire/problem';
import { json, text } from './answer.ts';
import type { Call, Handlers } from './context.ts';

export const systemRoutes: Handlers<Call> = {
  server: ({ house: { version, coordinator, limits, nowMs } }) =>
    json({ protocol: 'sumus/wire/1', version, coordinator, nowMs: nowMs(), limits }),
  health: () => text('alive\n', 'text/plain; charset=utf-8'),
  ready: async ({ house }) => {
    const why = await house.isReady();
    if (why !== undefined) throw new Problem('unavailable', why, { retryAfter: 2 });
    return text('ready\n', 'text/plain; charset=utf-8');
  },
  metrics: ({ house }) => text(house.metrics.text(), 'text/plain; version=0.0.4; charset=utf-8'),
  openapi: ({ house }) => text(house.openApi(), 'application/json'),
};
