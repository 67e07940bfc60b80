// npm run bench: lists the benches; npm run bench -- NAME [--json] [--smoke] runs one; --smoke alone runs all at their smallest.
import { join } from 'node:path';
import { mustRunNode, root } from './run.mjs';
import { setUp } from './setup.mjs';

await setUp();
await mustRunNode(join(root, 'bench', 'dist', 'main.js'), process.argv.slice(2));
