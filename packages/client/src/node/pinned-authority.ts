// The certificate authority of a server, known by its fingerprint alone: the chain that the server shows is looked through for the certificate
// whose DER has that SHA-256, and every connection afterwards trusts that one and no other. On the connection that looks, nothing is said.

import { createHash, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import { Impostor, Unreachable } from '../transport/transport.ts';

export interface ServerPlace {
  readonly host: string;
  readonly port: number;
}

const SILENCE_MS = 20_000;

/** PEM of the pinned certificate. */
export function pinnedAuthority({ host, port }: ServerPlace, fingerprint: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // Whoever it is, is looked at here and believed nowhere.
    const names = isIP(host) === 0 ? { servername: host } : {};
    const socket = connect({ host, port, rejectUnauthorized: false, ...names });
    const unreachable = (why: string, cause?: unknown): void => {
      socket.destroy();
      reject(new Unreachable(`${host}:${port} ${why}`, { cause }));
    };
    socket.setTimeout(SILENCE_MS, () => unreachable('does not answer'));
    socket.on('error', (cause) => unreachable(`cannot be reached: ${cause.message}`, cause));
    socket.on('secureConnect', () => {
      const chain = chainOf(socket.getPeerCertificate(true));
      socket.destroy();
      const found = chain.find((der) => createHash('sha256').update(der).digest('hex') === fingerprint);
      if (found !== undefined) return resolve(new X509Certificate(found).toString());
      reject(new Impostor(`${host}:${port} shows certificates of another authority than the invitation names`));
    });
  });
}

/** DER, from the server's own to the root, which names itself. */
function chainOf(first: DetailedPeerCertificate): readonly Buffer[] {
  const chain: Buffer[] = [];
  let one: DetailedPeerCertificate | undefined = first;
  while (one?.raw !== undefined && !chain.some((known) => known.equals(one?.raw ?? known))) {
    chain.push(one.raw);
    one = one.issuerCertificate;
  }
  return chain;
}
