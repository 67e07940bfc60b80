#!/usr/bin/env node
// The launcher of the server. From a checkout that was never built it says what to do instead of a stack trace.
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write('sumus-server: not built yet; run `npm run build` in the root of the checkout first\n');
  process.exitCode = 1;
}
