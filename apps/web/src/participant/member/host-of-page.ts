// Which server this page may talk to, as who serves the page says it: `sumus page` names one in a header of every answer, beside the policy that
// keeps the page from any other. Where nobody names one, the host of the page is the server.

import { MalformedMessage } from '@sumus/federation/errors';

/** `address`: of a file that is served with every build. */
export async function serverOfHost(
  address: URL = new URL('../files.json', location.href),
  ask: typeof fetch = fetch,
): Promise<string | undefined> {
  const response = await ask(address, { method: 'HEAD', cache: 'no-store', credentials: 'omit' }).catch(
    // Nothing can be asked of the host now; what was named before is not remembered, so that nothing is guessed.
    () => undefined,
  );
  const named = response?.headers.get('sumus-server');
  if (named === null || named === undefined) return undefined;
  if (!URL.canParse(named) || !/^https?:$/.test(new URL(named).protocol)) {
    throw new MalformedMessage(`the host of this page names a server that is none: ${named.slice(0, 200)}`);
  }
  return named.replace(/\/+$/, '');
}
