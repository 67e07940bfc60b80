// An invitation as a link. Its fragment, which a browser sends to nobody, says everything that a participant pins: run, project, who it will be,
// the invitation and its secret, and the keys of coordinator, authority and plan's owner, the plan's hash, and the fingerprint of the
// server's own certificate authority where it has one. Nothing of this is ever taken from a server.
//
//   https://host:port/join#BASE64URL( version ‖ fields, numbers and names as secure-sum writes them ‖ first 4 bytes of their SHA-256 )
//
// Refuses: another version, a link that was cut or mistyped, a server without TLS beyond loopback, a name or password in the address.

import { MalformedMessage, ParameterError } from '@sumus/federation/errors';
import { CanonicalReader, CanonicalWriter, sameBytes } from '@sumus/secure-sum/canonical';
import type { Hashing } from '@sumus/secure-sum/primitives';
import { base64url, bytesOfBase64url } from '../text/base64.ts';
import { bytesOfHex, hexOf } from '../text/hexadecimal.ts';
import { INVITATION_SECRET_BYTES, InvitationSecret } from './invitation-secret.ts';

export interface InvitationLink {
  /** `https://host:port`, or with a path before `/join`; without a slash at its end. */
  readonly server: string;
  readonly runId: string;
  readonly projectId: string;
  /** The name under which the invited takes part. */
  readonly member: string;
  /** Hexadecimal: 16 bytes, and all below 32. */
  readonly invitation: string;
  readonly secret: InvitationSecret;
  readonly coordinator: string;
  readonly authority: string;
  readonly plan: string;
  readonly owner: string;
  /** SHA-256 of the DER of the server's own CA certificate; undefined where a public authority vouches for it. */
  readonly fingerprint: string | undefined;
}

const VERSION = 1;
const ID_BYTES = 16;
const HASH_BYTES = 32;
const CHECK_BYTES = 4;
const LINK_CHARACTERS_AT_MOST = 4096;
const form =
  /^(https?):\/\/((?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::[0-9]{1,5})?)((?:\/[A-Za-z0-9][A-Za-z0-9._~-]*)*)\/join#([A-Za-z0-9_-]+)$/i;
const loopback = /^(localhost|127\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}|\[::1\])(:[0-9]+)?$/;

export function writeInvitationLink(primitives: Hashing, link: InvitationLink): string {
  const { server, runId, projectId, member, invitation, secret, fingerprint } = link;
  const writer = new CanonicalWriter()
    .u8('version', VERSION)
    .name('run', runId)
    .name('project', projectId)
    .name('member', member)
    .fixed('invitation', bytesOfHex(invitation), ID_BYTES)
    .fixed('the secret', secret.expose(), INVITATION_SECRET_BYTES);
  for (const name of ['coordinator', 'authority', 'plan', 'owner'] as const) {
    writer.fixed(name, bytesOfHex(link[name]), HASH_BYTES);
  }
  writer.u8('fingerprints', fingerprint === undefined ? 0 : 1);
  if (fingerprint !== undefined) writer.fixed('fingerprint', bytesOfHex(fingerprint), HASH_BYTES);
  const fields = writer.finish();
  const bytes = new Uint8Array(fields.length + CHECK_BYTES);
  bytes.set(fields);
  bytes.set(primitives.sha256(fields).subarray(0, CHECK_BYTES), fields.length);
  const text = `${server}/join#${base64url(bytes)}`;
  if (form.exec(text) === null) throw new ParameterError(`${server} is no address of a server`);
  return text;
}

export function readInvitationLink(primitives: Hashing, text: string): InvitationLink {
  const trimmed = text.trim();
  const [, scheme = '', host = '', path = '', payload = ''] =
    trimmed.length > LINK_CHARACTERS_AT_MOST ? [] : (form.exec(trimmed) ?? []);
  if (payload === '') throw new MalformedMessage('this is no invitation: https://HOST/join#…');
  const address = `${scheme.toLowerCase()}://${host.toLowerCase()}`;
  if (address.startsWith('http:') && !loopback.test(host.toLowerCase())) {
    throw new MalformedMessage(`an invitation to ${host} without TLS is not followed`);
  }
  let bytes: Uint8Array;
  try {
    bytes = bytesOfBase64url(payload);
  } catch (cause) {
    throw new MalformedMessage('the invitation is damaged: copy the whole link', { cause });
  }
  const fields = bytes.subarray(0, Math.max(0, bytes.length - CHECK_BYTES));
  if (!sameBytes(bytes.subarray(fields.length), primitives.sha256(fields).subarray(0, CHECK_BYTES))) {
    throw new MalformedMessage('the invitation is damaged: copy the whole link');
  }
  return Object.freeze({ server: `${address}${path}`, ...readFields(fields) });
}

function readFields(bytes: Uint8Array): Omit<InvitationLink, 'server'> {
  const reader = new CanonicalReader(bytes, 'an invitation');
  const version = reader.u8('version');
  if (version !== VERSION) reader.refuse('E_RANGE', `its version is ${version}, not ${VERSION}`);
  const hash = (name: string): string => hexOf(reader.fixed(name, HASH_BYTES));
  const fields = {
    runId: reader.name('run'),
    projectId: reader.name('project'),
    member: reader.name('member'),
    invitation: hexOf(reader.fixed('invitation', ID_BYTES)),
    secret: new InvitationSecret(reader.fixed('the secret', INVITATION_SECRET_BYTES)),
    coordinator: hash('coordinator'),
    authority: hash('authority'),
    plan: hash('plan'),
    owner: hash('owner'),
    fingerprint: reader.within('fingerprints', 1, 0, 1) === 1 ? hash('fingerprint') : undefined,
  };
  reader.finish();
  return fields;
}
