// This command as another process: what it is started with, wherever it was installed.
import { fileURLToPath } from 'node:url';

/** bin/sumus.mjs of this package, which runs what was built. */
export const ownProgram = (): string => fileURLToPath(new URL('../../bin/sumus.mjs', import.meta.url));
