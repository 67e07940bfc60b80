// The worker that takes part: it speaks to the server and holds the participant's machine, so that no step of it blocks the page.

import { loadWebPrimitives } from '@sumus/platform/web';
import { Database } from '../keeping/database.ts';
import { identityOf } from '../keeping/identity.ts';
import { vaultIn } from '../keeping/vault.ts';
import { portWorker } from '../training/port-worker.ts';
import { BrowserMember } from './browser-member.ts';
import { serverOfHost } from './host-of-page.ts';
import type { FromMember, ToMember } from './member-messages.ts';

const tell = (message: FromMember): void => postMessage(message);

/** Two tabs would be one participant with two minds. */
function onlyTab(): Promise<void> {
  return new Promise((resolve, reject) => {
    const held = navigator.locks.request('sumus-participant', { ifAvailable: true }, (lock) => {
      if (lock === null) throw new Error('another tab of this browser is taking part already: close one of them');
      resolve();
      // Until this worker ends.
      return new Promise<void>(() => undefined);
    });
    held.catch(reject);
  });
}

async function openMember(): Promise<BrowserMember> {
  await onlyTab();
  const [primitives, database] = await Promise.all([loadWebPrimitives(), Database.open()]);
  const [storage, signer, server] = await Promise.all([vaultIn(database), identityOf(database), serverOfHost()]);
  return new BrowserMember({ primitives, storage, signer, tell, origin: location.origin, server });
}

const member = openMember();

addEventListener('message', ({ data }: MessageEvent<ToMember>) => {
  member
    .then((one) => done(one, data))
    .catch((cause: unknown) => tell({ kind: 'trouble', text: cause instanceof Error ? cause.message : String(cause) }));
});

function done(one: BrowserMember, message: ToMember): Promise<void> {
  switch (message.kind) {
    case 'open':
      return one.open(message.link);
    case 'begin':
      return one.begin(portWorker(message.port));
    case 'pause':
      return one.pause();
    case 'leave':
      return one.leave(message.reason);
    case 'papers':
      return one.papers();
    default:
      return message satisfies never;
  }
}
