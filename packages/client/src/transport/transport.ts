// One server, reached over HTTP: what a platform has to bring. It opens connections, checks the certificates that it was told to check before it
// says anything, and carries bytes; requests are signed and answers read elsewhere. Node's is behind `./node`; a page's is a few lines of fetch.

export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Prefix, path and query: the request line, and what is signed. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty where there is none. */
  readonly body: Uint8Array;
  /** Without a byte for so long, in either direction, it is given up. */
  readonly silenceMs: number;
}

export interface TransportAnswer {
  readonly status: number;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** As it comes; taken once. A connection that breaks throws Unreachable. Leaving the loop closes it. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Also while somebody waits for the body. */
  close(): void;
}

export interface Transport {
  /** `https://host:port`, where an address begins; without a slash at its end. */
  readonly server: string;
  /** Of paths, where the server stands below one; empty where not. */
  readonly prefix: string;
  /** Once status and headers are there. Throws Unreachable where nobody answers, Impostor where the wrong one would. */
  request(request: TransportRequest): Promise<TransportAnswer>;
  /** Everything under way ends. */
  close(): void;
}

/** Nobody answers, or the line broke: later may be better. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
  readonly code = 'E_UNREACHABLE';
}

/** Whoever answers is not the one whose fingerprint was told. Nothing was said to it. */
export class Impostor extends Error {
  override readonly name = 'Impostor';
  readonly code = 'E_IMPOSTOR';
}
