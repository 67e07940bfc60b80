import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import { freshSecretKey, signerOf } from '@sumus/secure-sum/secret-primitives';
import { InvitationSecret, writeInvitationLink } from '@sumus/wire/link';
import { expect, it } from 'vitest';
import { BrowserMember } from './browser-member.ts';
import { remember, remembered } from './remembered.ts';

const primitives = { ...nodePrimitives(), secretKeys: SecretKey };
/** Nobody listens there. */
const origin = 'http://127.0.0.1:9';

const link = (member: string): string =>
  writeInvitationLink(primitives, {
    server: origin,
    runId: 'run',
    projectId: 'project',
    member,
    invitation: '11'.repeat(16),
    secret: new InvitationSecret(new Uint8Array(16).fill(5)),
    coordinator: '22'.repeat(32),
    authority: '33'.repeat(32),
    plan: '44'.repeat(32),
    owner: '55'.repeat(32),
    fingerprint: undefined,
  });

async function rememberedAfter(said: 'nothing' | 'yes' | 'pause'): Promise<string | undefined> {
  const entries = new Map<string, Uint8Array>();
  const storage = {
    read: async (name: string) => entries.get(name),
    write: async (name: string, bytes: Uint8Array) => void entries.set(name, bytes),
    remove: async (name: string) => void entries.delete(name),
  };
  await remember(storage, { link: link('anna'), said });
  const signer = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
  const asked = new Promise<void>((resolve) => {
    const tell = ({ kind }: { readonly kind: string }): void => {
      if (kind === 'unreachable') resolve();
    };
    void new BrowserMember({ primitives, storage, signer, origin, server: undefined, tell }).open(link('mallory'));
  });
  await asked;
  return (await remembered(storage))?.link;
}

it('a link that this browser is made to open does not take the place of one that its person said yes to', async () => {
  expect(await rememberedAfter('yes')).toBe(link('anna'));
  expect(await rememberedAfter('pause')).toBe(link('anna'));
  expect(await rememberedAfter('nothing')).toBe(link('mallory'));
});
