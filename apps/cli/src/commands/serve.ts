// sumus serve: starts the server as a program of its own and says what owners need to reach it. This process holds no key of anybody, hands none
// over, and does nothing but pass signals on; the server's own program, sumus-server, can be run without it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { BadNews, type SumusCommand, UsageError } from '../command.ts';
import { rememberServer } from '../network/known-server.ts';
import { ownProgram } from '../network/own-program.ts';
import { serverAddressText } from '../network/server-address.ts';
import { startServer } from '../network/server-program.ts';
import { printJson } from '../print.ts';

export interface ServeOptions {
  readonly listen?: string;
  readonly state?: string;
  readonly databaseUrl?: string;
  readonly name?: readonly string[];
  readonly owner?: readonly string[];
  readonly owners?: string;
  readonly tls?: string;
  readonly tlsCertificate?: string;
  readonly tlsKey?: string;
  readonly plainHttp?: true;
  readonly pages?: string;
  readonly publicDashboard?: true;
  readonly allowOrigin?: readonly string[];
  readonly advertise?: string;
  readonly peerRoot?: string;
  readonly quiet?: true;
  readonly json?: true;
}

const many = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

export const serve: SumusCommand = {
  declare(program: Command): void {
    program
      .command('serve')
      .description('run a server: it coordinates, sees sums alone, and holds no key that vouches for anybody')
      .option('--listen <host:port>', 'where (default: 127.0.0.1:7443); port 0 takes a free one')
      .option('--state <folder>', 'log, blobs, its own key, its certificates (default: ./sumus-server)')
      .option('--database-url <url>', 'PostgreSQL instead of a log in the folder; better: SUMUS_DATABASE_URL')
      .option('--name <host>', 'a host name or address that participants use; for each again', many)
      .option(
        '--owner <hex>',
        'a public key that may create runs (default: yours, as sumus keys prints it); for each again',
        many,
      )
      .option('--owners <file>', 'a file of such keys, a line each')
      .option('--tls <kind>', 'own: certificates of its own (usual beyond loopback); none (usual on it)')
      .option('--tls-certificate <file>', 'a certificate chain, PEM')
      .option('--tls-key <file>', 'its key, PEM')
      .option('--plain-http', 'no TLS, also beyond loopback: a proxy in front has it')
      .option('--pages <folder>', 'pages to serve (default: the dashboard, where it is installed)')
      .option('--public-dashboard', 'let anybody read the events of runs')
      .option('--allow-origin <url>', 'pages that another host serves (sumus page) may ask; for each again', many)
      .option('--advertise <url>', 'where other processes of this server reach this one')
      .option('--peer-root <file>', 'the CA certificate of those other processes, PEM')
      .option('--quiet', "do not show the server's log")
      .option('--json', 'one JSON object on one line when it is ready')
      .addHelpText(
        'after',
        [
          '',
          'Examples:',
          '  sumus serve',
          '  sumus serve --listen 0.0.0.0:7443 --name fl.hospital.example --owner 3b6a…29',
          '',
        ].join('\n'),
      )
      .action((options: ServeOptions) => runServer(options));
  },
};

async function runServer(options: ServeOptions): Promise<void> {
  const owner = options.owner ?? (options.owners === undefined ? ownersHere() : []);
  const server = await startServer({
    words: serverWords({ ...options, owner }),
    isDetached: true,
    ...(options.quiet ? { log: () => undefined } : {}),
  });
  const stop = (): void => {
    server.stop().catch(() => undefined);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const { address } = server;
  rememberServer(address);
  const text = serverAddressText(address);
  if (options.json) printJson({ kind: 'ready', ...address, address: text, pid: server.pid });
  else {
    process.stdout.write(
      `The server is ready. Its address, for owners (the part behind # is its key, and how its certificate is known):\n  ${text}\n` +
        'On this machine sumus start finds it by itself. Ctrl-C ends it; what was acknowledged is on disk.\n',
    );
  }
  const code = await server.ended;
  process.off('SIGINT', stop);
  process.off('SIGTERM', stop);
  if (code !== 0) throw new BadNews('the server did not end in order');
}

/** The owner on this machine, where nobody is named. Another process looks: what is beside the public key is not for this one. */
function ownersHere(): readonly string[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [ownProgram(), 'keys', '--json'], {
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new UsageError(`nobody may create runs: say --owner (sumus keys prints it). ${stderr.trim()}`);
  const value: unknown = JSON.parse(stdout);
  const { owner } = { ...(typeof value === 'object' ? value : {}) } as Readonly<Record<string, unknown>>;
  return [String(owner)];
}

/** As sumus-server has its flags. */
export function serverWords(options: ServeOptions): readonly string[] {
  const { name = [], owner = [], allowOrigin = [], plainHttp, publicDashboard, pages = installedPages() } = options;
  const told: readonly (readonly [string, string | undefined])[] = [
    ['listen', options.listen],
    ['state', options.state],
    ['database-url', options.databaseUrl],
    ['owners', options.owners],
    ['tls', options.tls],
    ['tls-certificate', options.tlsCertificate],
    ['tls-key', options.tlsKey],
    ['pages', pages],
    ['advertise', options.advertise],
    ['peer-root', options.peerRoot],
  ];
  return [
    ...told.flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}=${value}`])),
    ...name.map((one) => `--name=${one}`),
    ...owner.map((one) => `--owner=${one}`),
    ...allowOrigin.map((one) => `--allow-origin=${one}`),
    ...(plainHttp ? ['--plain-http'] : []),
    ...(publicDashboard ? ['--public-dashboard'] : []),
  ];
}

/** The pages of @sumus/web, where that is installed and built. */
export function installedPages(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve('@sumus/web/package.json');
    const folder = join(dirname(manifest), 'pages');
    return existsSync(join(folder, 'index.html')) ? folder : undefined;
  } catch {
    // Not installed: a server without pages does all the rest.
    return undefined;
  }
}
