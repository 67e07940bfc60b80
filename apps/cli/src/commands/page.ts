// sumus page: the pages of a participant, and the dashboard, from one's own machine instead of the server's: who takes part in a browser then
// trusts the server with sums and frames, and no longer with the program that makes them. Says which build it is, and holds it to a published one.
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { type SumusCommand, UsageError } from '../command.ts';
import { readPageBuild, requireBuild } from '../network/page-build.ts';
import { servePages } from '../network/page-server.ts';
import { readServerAddress } from '../network/server-address.ts';
import { untilStopped } from '../network/until-stopped.ts';
import { printJson } from '../print.ts';
import { installedPages } from './serve.ts';

interface PageOptions {
  readonly server: string;
  readonly listen: string;
  readonly expect?: string;
  readonly pages?: string;
  readonly name?: string;
  readonly tlsCertificate?: string;
  readonly tlsKey?: string;
  readonly plainHttp?: true;
  readonly json?: true;
}

export const page: SumusCommand = {
  declare(program: Command): void {
    program
      .command('page')
      .description('serve the pages from your own machine, so that the server does not choose the program')
      .requiredOption('--server <url>', 'the one server that the pages may talk to')
      .option('--expect <hash>', "serve nothing unless this is the build's hash, as it was published")
      .option(
        '--listen <host:port>',
        'where; port 0 takes a free one. Keep it: keys in a browser belong to host and port',
        '127.0.0.1:7480',
      )
      .option('--pages <folder>', 'a build of the pages (default: the installed one)')
      .option('--name <host>', 'how people reach it, where that is not the host it listens on')
      .option('--tls-certificate <file>', 'a certificate chain, PEM: needed beyond loopback')
      .option('--tls-key <file>', 'its key, PEM')
      .option('--plain-http', 'no TLS, also beyond loopback: a proxy in front has it')
      .option('--json', 'one JSON object on one line when it is ready')
      .addHelpText(
        'after',
        [
          '',
          'The server has to allow it: sumus serve --allow-origin http://127.0.0.1:7480',
          'Open an invitation by pasting its link into the page.',
          '',
          'Examples:',
          '  sumus page --server https://fl.hospital.example:7443',
          '  sumus page --server https://fl.hospital.example:7443 --expect 3f0c…a1',
          '',
        ].join('\n'),
      )
      .action((options: PageOptions) => runPage(options));
  },
};

async function runPage(options: PageOptions): Promise<void> {
  const server = serverOf(options.server);
  const { host, port } = placeOf(options.listen);
  const tls = tlsOf(options, host);
  const folder = options.pages ?? installedPages();
  if (folder === undefined)
    throw new UsageError('no pages are installed: npm run pages builds them, --pages names them');
  const build = readPageBuild(folder);
  if (options.expect !== undefined) requireBuild(build, options.expect);
  await untilStopped(async (signal) => {
    const isAnyName = options.plainHttp === true;
    const running = await servePages({ build, host, port, name: options.name ?? host, tls, isAnyName, server });
    signal.addEventListener('abort', running.close, { once: true });
    const { url } = running;
    if (options.json)
      printJson({ kind: 'ready', url, server, hash: build.hash, isExpected: options.expect !== undefined });
    else {
      process.stdout.write(
        `The pages are at ${url}/join and talk to ${server} alone. Ctrl-C ends this.\n` +
          `Their build is ${build.hash}\n` +
          (options.expect === undefined
            ? 'Compare it with the one that was published, or say it with --expect.\n'
            : 'which is the one expected.\n') +
          `The server has to allow them: --allow-origin ${url}\n`,
      );
    }
    await running.ended;
  });
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);

/** Also with what stands behind the `#`, as sumus serve prints it; a page does not need it, the link has it. */
function serverOf(text: string): string {
  const address = text.includes('#') ? readServerAddress(text).url : text;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '';
  // What is written into a policy is one host, and cannot begin a second rule.
  if (url === undefined || !isPlain || !/^https?:\/\/[a-z0-9.:[\]-]+$/i.test(url.origin)) {
    throw new UsageError(`--server is https://HOST:PORT: ${text.slice(0, 200)}`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function placeOf(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits = ''] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535) throw new UsageError(`--listen is HOST:PORT: ${text}`);
  return { host, port };
}

function tlsOf({ tlsCertificate, tlsKey, plainHttp }: PageOptions, host: string) {
  if ((tlsCertificate === undefined) !== (tlsKey === undefined)) {
    throw new UsageError('--tls-certificate and --tls-key go together');
  }
  if (tlsCertificate !== undefined && tlsKey !== undefined) {
    return { cert: readFileSync(tlsCertificate), key: readFileSync(tlsKey) };
  }
  if (!isLoopback(host) && plainHttp !== true) {
    throw new UsageError(
      `plain HTTP on ${host}, beyond this machine: browsers give such a page no cryptography. Say --tls-certificate and --tls-key, or --plain-http behind a proxy that has them`,
    );
  }
  return undefined;
}
