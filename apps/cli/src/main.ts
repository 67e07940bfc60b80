// Where the process meets the command line; bin/sumus.mjs starts here.
import { runCommandLine } from './program.ts';

// Whoever reads our output may stop early (`sumus … | head`): then there is nothing left to say, and nothing went wrong.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runCommandLine(process.argv.slice(2));
