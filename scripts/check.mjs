// npm run check: format, lint and types.
import { mustRunNode, say, toolScript } from './run.mjs';
import { ensureInstalled } from './setup.mjs';

await ensureInstalled();
say('format and lint (biome)…');
await mustRunNode(toolScript('@biomejs/biome', 'biome'), ['check', '--error-on-warnings', '.']);
say('types: sources (tsc -b)…');
await mustRunNode(toolScript('typescript', 'tsc'), ['-b']);
say('types: tests…');
await mustRunNode(toolScript('typescript', 'tsc'), ['-p', 'tsconfig.tests.json']);
say('types: kernels, as plain TypeScript…');
await mustRunNode(toolScript('typescript', 'tsc'), ['-p', 'tsconfig.kernels.json']);
