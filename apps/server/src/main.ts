// The program: options in, one line of JSON on standard output when it is ready, its log on standard error. SIGTERM and SIGINT end it in order; the
// second one at once. Whoever restarts it finds everything as it was acknowledged.

import { jsonLog } from './log.ts';
import { readOptions } from './options.ts';
import { startServer } from './server.ts';

const log = jsonLog((line) => process.stderr.write(line));

try {
  const read = readOptions(process.argv.slice(2), process.env);
  if (read.kind === 'help') process.stdout.write(read.text);
  else {
    const { options } = read;
    const server = await startServer(options, log);
    const { url, port, coordinator, fingerprint } = server;
    const ready = {
      kind: 'ready',
      url,
      port,
      coordinator,
      fingerprint: fingerprint ?? null,
      state: options.state,
      pid: process.pid,
    };
    process.stdout.write(`${JSON.stringify(ready)}\n`);
    let isClosing = false;
    const close = (): void => {
      if (isClosing) process.exit(1);
      isClosing = true;
      server.close().then(
        () => process.exit(0),
        (error) => fail(error),
      );
    };
    process.on('SIGTERM', close);
    process.on('SIGINT', close);
    // Whoever started us and is gone reads no more; the work goes on.
    process.stdout.on('error', () => undefined);
    process.stderr.on('error', () => undefined);
  }
} catch (error) {
  fail(error);
}

/** Exit code 2: the caller has to say something else; 1: the machine. */
function fail(error: unknown): void {
  const isUse = error instanceof Error && error.name === 'ParameterError';
  process.stderr.write(`sumus-server: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(isUse ? 2 : 1);
}
