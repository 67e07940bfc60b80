// npm start: sets everything up, then runs the main job. Until the demonstration exists that is five parties who
// compute an encrypted sum that none of them could open alone.
import { join } from 'node:path';
import { mustRunNode, root, say } from './run.mjs';
import { setUp } from './setup.mjs';

await setUp();
say('running examples/encrypted-sum.ts: five parties, nobody holds the key, two leave, the sum is right');
await mustRunNode(join(root, 'examples', 'dist', 'encrypted-sum.js'), process.argv.slice(2));
