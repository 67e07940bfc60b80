// What an operator prints and an owner pastes: nothing of it is asked of the server, so nothing of it may be missing.
import { describe, expect, it } from 'vitest';
import { serverWords } from '../commands/serve.ts';
import { readServerAddress, serverAddressText } from './server-address.ts';

const coordinator = 'ab'.repeat(32);
const fingerprint = '0c'.repeat(32);

describe('the address of a server', () => {
  it.each([
    { url: 'https://fl.example:7443', coordinator, fingerprint },
    { url: 'https://fl.example/sums', coordinator, fingerprint: undefined },
    { url: 'http://127.0.0.1:7443', coordinator, fingerprint: undefined },
    { url: 'https://[::1]:7443', coordinator, fingerprint },
  ])('comes back as it was written: $url', (address) => {
    expect(readServerAddress(serverAddressText(address))).toEqual(address);
  });

  it.each([
    ['https://fl.example:7443', /nothing behind a #/],
    ['https://fl.example:7443#AAAA', /cut or mistyped/],
    [serverAddressText({ url: 'https://a.example', coordinator, fingerprint }).slice(0, -3), /cut or mistyped/],
    [serverAddressText({ url: 'http://fl.example', coordinator, fingerprint: undefined }), /no TLS/],
    [serverAddressText({ url: 'https://me:secret@fl.example', coordinator, fingerprint }), /more than a place/],
    [serverAddressText({ url: 'https://fl.example/?a=b', coordinator, fingerprint }), /more than a place/],
  ])('%s is refused', (text, why) => {
    expect(() => readServerAddress(text)).toThrow(why);
  });
});

describe('the words of the server’s own program', () => {
  it('are those that were typed, each in one piece', () => {
    const words = serverWords({
      listen: '0.0.0.0:7443',
      state: '/srv/a folder',
      name: ['fl.example', '10.0.0.1'],
      owner: [coordinator],
      pages: '/srv/pages',
      plainHttp: true,
    });
    expect(words).toEqual([
      '--listen=0.0.0.0:7443',
      '--state=/srv/a folder',
      '--pages=/srv/pages',
      '--name=fl.example',
      '--name=10.0.0.1',
      `--owner=${coordinator}`,
      '--plain-http',
    ]);
  });
});
