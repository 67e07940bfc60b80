// The server put together: a store, the lead of runs, the application over it, and sockets. Started with checked options (options.ts), closed in the
// other order: first nobody new is let in, then what is under way ends, then the store.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sums } from '@sumus/federation/coordinator';
import { type ServerLimits, USUAL_LIMITS } from '@sumus/wire/bodies';
import { Problem } from '@sumus/wire/problem';
import { RecentNonces } from '@sumus/wire/request';
import { hexOf } from '@sumus/wire/text';
import { applicationOf } from './http/application.ts';
import type { House } from './http/context.ts';
import { CrossOrigin } from './http/cross-origin.ts';
import { Listener } from './http/listener.ts';
import { MemoryBudget } from './http/memory-budget.ts';
import { Metrics } from './http/metrics.ts';
import { openApiDocument } from './http/open-api.ts';
import { passOnWith } from './http/pass-on.ts';
import { RateLimit } from './http/rate-limit.ts';
import { StaticPages } from './http/static-pages.ts';
import type { Log } from './log.ts';
import { roleOf } from './office/office-state.ts';
import type { ServerOptions } from './options.ts';
import { coordinatorSigner, serverPrimitives } from './run/identity.ts';
import { aloneInCharge, type Leadership, PostgresLeadership } from './run/leadership.ts';
import type { RunPlace } from './run/run-place.ts';
import { Runs } from './run/runs.ts';
import { openEmbeddedStore } from './store/embedded-store.ts';
import { openPostgresStore } from './store/postgres-store.ts';
import type { Store } from './store/store.ts';
import { ownTlsIdentity, type TlsIdentity } from './tls/own-authority.ts';

export interface RunningServer {
  /** `https://host:port`. */
  readonly url: string;
  readonly port: number;
  /** Its key, hexadecimal. */
  readonly coordinator: string;
  /** Of its own certificate authority; undefined where it has none. */
  readonly fingerprint: string | undefined;
  close(): Promise<void>;
}

const { version }: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** How long a body waits for room before it is told to come again. */
const PATIENCE_MS = 20_000;
/** What is under way may take so long when the server closes. */
const GRACE_MS = 5000;
const READY_MS = 1000;
const BY_ADDRESS = { perSecond: 500, atOnce: 2000 } as const;
const BY_KEY = { perSecond: 50, atOnce: 300 } as const;

export async function startServer(options: ServerOptions, log: Log): Promise<RunningServer> {
  const nowMs = (): number => Date.now();
  const signer = coordinatorSigner(options.keyFile);
  const coordinator = hexOf(signer.publicKey);
  const tls = tlsOf(options, nowMs());
  const store = await storeOf(options);
  const metrics = new Metrics();
  const memory = new MemoryBudget(options.memoryBytes, PATIENCE_MS);
  const limits: ServerLimits = { ...USUAL_LIMITS, blobBytes: options.blobBytes };
  let runs: Runs | undefined;
  let leadership: Leadership = aloneInCharge;
  try {
    const engines = await sums.loadSumEngines(serverPrimitives);
    const onMistake = (error: unknown): void => log('error', 'a mistake', factsOf(error));
    let answer: ReturnType<typeof applicationOf> | undefined;
    const crossOrigin = new CrossOrigin(options.allowOrigins);
    const listener = new Listener({
      host: options.host,
      port: options.port,
      tls,
      memory,
      headersFor: (asked) => crossOrigin.headersFor(asked),
      onMistake,
      answer: (asked) => {
        if (answer === undefined) throw new Problem('unavailable', 'the server is opening its runs', { retryAfter: 1 });
        return answer(asked);
      },
      onAnswered: ({ method, status, seconds }) => {
        metrics.count('sumus_requests_total', 'requests answered', {
          method: methodOf(method),
          status: String(status),
        });
        metrics.count('sumus_request_seconds_total', 'time that requests took, streams included', {}, seconds);
      },
    });
    // The port is known before anybody can be told an address; nobody connects before the runs are open, because nobody knows it.
    const port = await listener.listen();
    const url = `${tls === undefined ? 'http' : 'https'}://${hostOf(options)}:${port}`;
    if (options.databaseUrl !== undefined)
      leadership = new PostgresLeadership(options.databaseUrl, options.advertise ?? url);
    runs = new Runs({
      store,
      leadership,
      isShared: options.databaseUrl !== undefined,
      engines,
      signer,
      nowMs,
      blobBytesAtMost: limits.blobBytes,
      log,
      onStep: ({ input, seconds, events }) => {
        metrics.count('sumus_steps_total', 'steps of coordinators', { input });
        metrics.count('sumus_step_seconds_total', 'time that steps of coordinators took', { input }, seconds);
        metrics.count('sumus_events_total', 'events appended', {}, events);
      },
      onEvents: (run, events) => {
        for (const event of events) if (event.kind !== 'frame taken') log('info', event.kind, { run });
      },
    });
    const house = houseOf(options, { runs, signer, coordinator, limits, nowMs, metrics, tls });
    describe(metrics, runs, memory);
    const hasPart = ({ office: { state } }: RunPlace, key: string): boolean =>
      state !== undefined && roleOf(state, key, nowMs()).kind !== 'nobody';
    const open = runs;
    const knows = (key: string): boolean => house.owners.has(key) || open.all().some((place) => hasPart(place, key));
    const nonces = { known: new RecentNonces(), strangers: new RecentNonces() };
    answer = applicationOf({
      house,
      checks: { primitives: serverPrimitives, server: coordinator, nonces, knows, nowMs },
      pages: new StaticPages(options.pages),
      crossOrigin,
      byAddress: new RateLimit(BY_ADDRESS),
      byKey: new RateLimit(BY_KEY),
      onMistake,
    });
    await runs.open();
    return {
      url,
      port,
      coordinator,
      fingerprint: tls?.fingerprint,
      close: async () => {
        log('info', 'closing');
        const closed = listener.close(GRACE_MS);
        await open.close();
        await closed;
        metrics.close();
        await store.close();
      },
    };
  } catch (error) {
    metrics.close();
    await runs?.close().catch(() => undefined);
    await store.close();
    throw error;
  }
}

type Parts = Pick<House, 'runs' | 'signer' | 'coordinator' | 'limits' | 'nowMs' | 'metrics'> & {
  readonly tls: TlsIdentity | undefined;
};

function houseOf(options: ServerOptions, { tls, ...parts }: Parts): House {
  const { runs, signer, nowMs } = parts;
  const document = JSON.stringify(openApiDocument(version));
  const root = options.peerRoot === undefined ? tls?.root : readFileSync(options.peerRoot, 'utf8');
  return {
    ...parts,
    version,
    owners: new Set(options.owners),
    isDashboardPublic: options.isDashboardPublic,
    passOn: passOnWith({ signer, primitives: serverPrimitives, nowMs, root }),
    openApi: () => document,
    isReady: readinessOf(runs.store, nowMs),
  };
}

/** Asked of the store once a second at most, whoever asks. */
function readinessOf(store: Store, nowMs: () => number): House['isReady'] {
  let asked: { readonly atMs: number; readonly answer: Promise<string | undefined> } | undefined;
  return () => {
    if (asked === undefined || nowMs() > asked.atMs + READY_MS || nowMs() < asked.atMs) {
      const answer = store.runs().then(
        () => undefined,
        () => 'the store does not answer',
      );
      asked = { atMs: nowMs(), answer };
    }
    return asked.answer;
  };
}

function describe(metrics: Metrics, runs: Runs, memory: MemoryBudget): void {
  metrics.gauge('sumus_runs', 'runs that this process knows', () => runs.all().length);
  metrics.gauge('sumus_runs_led', 'runs that this process leads', () => runs.all().filter(({ isLed }) => isLed).length);
  metrics.gauge('sumus_streams', 'participants that listen', () =>
    runs.all().reduce((sum, { listening }) => sum + listening, 0),
  );
  metrics.gauge('sumus_inputs_waiting', 'messages that wait for a coordinator', () =>
    runs.all().reduce((sum, { waiting }) => sum + waiting, 0),
  );
  metrics.gauge('sumus_body_bytes', 'bytes of request bodies held', () => memory.held);
  metrics.gauge('sumus_bodies_waiting', 'request bodies that wait for room', () => memory.waiting);
}

function tlsOf(options: ServerOptions, nowMs: number): TlsIdentity | undefined {
  switch (options.tls.kind) {
    case 'none':
      return undefined;
    case 'own':
      return ownTlsIdentity(join(options.state, 'tls'), options.names, nowMs);
    case 'files':
      return {
        chain: readFileSync(options.tls.certificate, 'utf8'),
        key: readFileSync(options.tls.key, 'utf8'),
        fingerprint: undefined,
        root: undefined,
      };
    default:
      return options.tls satisfies never;
  }
}

const storeOf = async ({ databaseUrl, state }: ServerOptions): Promise<Store> =>
  databaseUrl === undefined ? openEmbeddedStore(state) : openPostgresStore({ url: databaseUrl });

/** What stands in a link: a name where there is one, and not the address that every interface listens on. */
function hostOf({ host, names }: ServerOptions): string {
  const isEvery = host === '0.0.0.0' || host === '::';
  const name = isEvery ? (names.find((one) => !['localhost', '127.0.0.1', '::1'].includes(one)) ?? 'localhost') : host;
  return name.includes(':') ? `[${name}]` : name;
}

const KNOWN_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']);
const methodOf = (method: string): string => (KNOWN_METHODS.has(method) ? method : 'other');

function factsOf(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof Error)) return { what: String(error) };
  const cause = error.cause instanceof Error ? { cause: error.cause.message } : {};
  return { name: error.name, what: error.message, ...cause, stack: error.stack?.split('\n')[1]?.trim() ?? '' };
}
