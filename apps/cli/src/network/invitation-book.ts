// What an owner invited to a run, and what came of it: one file for the owner's eyes, a line for each thing that happened, appended and never
// changed. It holds the secrets of the invitations, which no server has. A line is on disk before anybody hears of it: who is certified is
// known here first, and a second key under one invitation is refused whatever a server says.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, statSync, truncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { InvitationSecret } from '@sumus/wire/link';
import { bytesOfHex, hexOf } from '@sumus/wire/text';
import { UsageError } from '../command.ts';
import { requireOwnEyes } from '../key-file.ts';
import { makeFolder } from './owner-folder.ts';

export type InvitedRole = 'silo' | 'device';

export interface Invitation {
  /** Hexadecimal, 16 bytes. */
  readonly id: string;
  readonly member: string;
  readonly role: InvitedRole;
  readonly notAfterMs: number;
  readonly secret: InvitationSecret;
  /** Whom it made a member: the first key that proved to have the link. */
  readonly certified: { readonly publicKey: string; readonly certificate: string } | undefined;
  readonly isRevoked: boolean;
}

type Line =
  | {
      readonly kind: 'invited';
      readonly id: string;
      readonly secret: string;
      readonly member: string;
      readonly role: InvitedRole;
      readonly notAfterMs: number;
    }
  | { readonly kind: 'certified'; readonly id: string; readonly publicKey: string; readonly certificate: string }
  | { readonly kind: 'revoked'; readonly id: string };

export class InvitationBook {
  readonly #path: string;
  readonly #invitations = new Map<string, Invitation>();
  /** Bytes of the file that are in the map. */
  #read = 0;

  private constructor(path: string) {
    this.#path = path;
  }

  static open(path: string): InvitationBook {
    const book = new InvitationBook(path);
    if (existsSync(path)) requireOwnEyes(path);
    else makeFolder(dirname(path));
    book.#catchUp();
    return book;
  }

  get all(): readonly Invitation[] {
    this.#catchUp();
    return [...this.#invitations.values()];
  }

  find(id: string): Invitation | undefined {
    this.#catchUp();
    return this.#invitations.get(id);
  }

  invite(given: Pick<Invitation, 'id' | 'member' | 'role' | 'notAfterMs' | 'secret'>): Invitation {
    const { id, member, role, notAfterMs, secret } = given;
    this.#append({ kind: 'invited', id, secret: hexOf(secret.expose()), member, role, notAfterMs });
    return this.#known(id);
  }

  certify(id: string, publicKey: string, certificate: string): Invitation {
    this.#catchUp();
    if (this.#known(id).certified !== undefined) throw new RangeError(`invitation ${id} is used up`);
    this.#append({ kind: 'certified', id, publicKey, certificate });
    return this.#known(id);
  }

  revoke(id: string): void {
    this.#known(id);
    this.#append({ kind: 'revoked', id });
  }

  #known(id: string): Invitation {
    const found = this.#invitations.get(id);
    if (found === undefined) throw new RangeError(`there is no invitation ${id}`);
    return found;
  }

  /** Several commands of an owner may be open at a time: what another one wrote is read before anything is decided. */
  #catchUp(): void {
    if (!existsSync(this.#path) || statSync(this.#path).size === this.#read) return;
    const bytes = readFileSync(this.#path);
    // A line without an end was not acknowledged to anybody.
    const whole = bytes.lastIndexOf(0x0a) + 1;
    for (const line of bytes.toString('utf8', Math.min(this.#read, whole), whole).split('\n')) {
      if (line !== '') this.#take(lineOf(line, this.#path));
    }
    this.#read = whole;
  }

  #append(line: Line): void {
    this.#catchUp();
    // Lines are written whole: what has no end was cut by a crash, and nobody acted on it.
    if (existsSync(this.#path) && statSync(this.#path).size > this.#read) truncateSync(this.#path, this.#read);
    const file = openSync(this.#path, 'a', 0o600);
    try {
      writeSync(file, `${JSON.stringify(line)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    this.#catchUp();
  }

  #take(line: Line): void {
    if (line.kind === 'invited') {
      const { id, member, role, notAfterMs } = line;
      const secret = new InvitationSecret(bytesOfHex(line.secret));
      this.#invitations.set(id, { id, member, role, notAfterMs, secret, certified: undefined, isRevoked: false });
      return;
    }
    const before = this.#known(line.id);
    const { publicKey, certificate } = { publicKey: '', certificate: '', ...line };
    const after =
      line.kind === 'certified' ? { ...before, certified: { publicKey, certificate } } : { ...before, isRevoked: true };
    this.#invitations.set(line.id, after);
  }
}

/** Written by this program alone: whatever else stands there was changed by somebody. */
function lineOf(text: string, path: string): Line {
  const refuse = (): never => {
    throw new UsageError(`${path} has a line that this program did not write`);
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse();
  }
  if (typeof value !== 'object' || value === null) return refuse();
  const { kind, id, secret, member, role, notAfterMs, publicKey, certificate } = { ...value } as Readonly<
    Record<string, unknown>
  >;
  if (typeof id !== 'string') return refuse();
  if (kind === 'revoked') return { kind, id };
  if (kind === 'certified' && typeof publicKey === 'string' && typeof certificate === 'string') {
    return { kind, id, publicKey, certificate };
  }
  if (kind !== 'invited' || typeof secret !== 'string' || typeof member !== 'string') return refuse();
  if ((role !== 'silo' && role !== 'device') || typeof notAfterMs !== 'number') return refuse();
  return { kind, id, secret, member, role, notAfterMs };
}
