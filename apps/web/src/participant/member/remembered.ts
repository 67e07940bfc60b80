// Which invitation this browser follows, and what its person said to it: kept sealed, because the link holds a secret. A page that was closed
// goes on by it.

import type { Storage } from '@sumus/client/storage';
import { MalformedMessage } from '@sumus/federation/errors';

export interface Remembered {
  readonly link: string;
  readonly said: 'nothing' | 'yes' | 'pause';
}

const NAME = 'invitation';
const encoder: TextEncoder = new TextEncoder();
const decoder: TextDecoder = new TextDecoder('utf-8', { fatal: true });

export async function remembered(storage: Storage): Promise<Remembered | undefined> {
  const bytes = await storage.read(NAME);
  if (bytes === undefined) return undefined;
  const value: unknown = JSON.parse(decoder.decode(bytes));
  if (typeof value !== 'object' || value === null || !('link' in value && 'said' in value)) {
    throw new MalformedMessage('what was remembered of an invitation is damaged');
  }
  const { link, said } = value;
  if (typeof link !== 'string' || (said !== 'nothing' && said !== 'yes' && said !== 'pause')) {
    throw new MalformedMessage('what was remembered of an invitation is damaged');
  }
  return { link, said };
}

export const remember = (storage: Storage, value: Remembered): Promise<void> =>
  storage.write(NAME, encoder.encode(JSON.stringify(value)));
