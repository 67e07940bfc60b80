// npm run simulate-fault -- --seed N: one schedule of faults again, as the tests of simulation/ play it, with everything that happens.
import { join } from 'node:path';
import { mustRunNode, root } from './run.mjs';
import { setUp } from './setup.mjs';

await setUp();
await mustRunNode(join(root, 'simulation', 'dist', 'replay', 'main.js'), process.argv.slice(2));
