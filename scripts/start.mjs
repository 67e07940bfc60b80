// npm start: sets everything up, then runs `sumus demo`: a server, and five participants in processes of their own, learn real digits together,
// with differential privacy, over a network. Further arguments go to the command: npm start -- --model lenet
import { join } from 'node:path';
import { ensurePages } from './pages.mjs';
import { root, run } from './run.mjs';
import { setUp } from './setup.mjs';

await setUp();
// The dashboard that the demonstration's server shows.
await ensurePages();
// Ctrl-C is the command's: it stops in order, and says how to go on.
process.on('SIGINT', () => undefined);
process.exitCode = await run(process.execPath, [
  join(root, 'apps', 'cli', 'bin', 'sumus.mjs'),
  'demo',
  ...process.argv.slice(2),
]);
