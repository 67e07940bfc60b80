// Where the process meets the command line; bin/sumus.mjs starts here.
import { runCommandLine } from './program.ts';

process.exitCode = await runCommandLine(process.argv.slice(2));
