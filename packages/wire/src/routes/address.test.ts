// The table of routes: every route has one address and is found under it; what is spelt otherwise is not there.

import { describe, expect, it } from 'vitest';
import { addressOf, matchAddress, PARAMETERS, ROUTES, type RouteName } from './index.ts';

const parameters = { run: 'run-1', invitation: 'ab'.repeat(16), sha256: 'cd'.repeat(32) };
const names = Object.keys(ROUTES) as readonly RouteName[];
const queryOf = (name: RouteName): Record<string, number> =>
  Object.fromEntries(
    Object.entries(ROUTES[name].query).flatMap(([one, { isRequired }]) => (isRequired ? [[one, 7]] : [])),
  );

describe('the table of routes', () => {
  it.each(names)('finds %s under its address', (name) => {
    const address = addressOf(name, parameters, queryOf(name));
    const found = matchAddress(ROUTES[name].method, address);
    expect(found.name).toBe(name);
    expect(addressOf(found.name, found.parameters, found.query)).toBe(address);
  });

  it('has each method of each path once, and no path that could be taken for another', () => {
    const shapes = names.map((name) => `${ROUTES[name].method} ${ROUTES[name].path.replace(/\{[^}]+\}/g, '*')}`);
    expect(new Set(shapes).size).toBe(shapes.length);
    for (const name of names) {
      for (const [, parameter = ''] of ROUTES[name].path.matchAll(/\{([^}]+)\}/g)) {
        expect(PARAMETERS[parameter], `${ROUTES[name].path}`).toBeDefined();
      }
    }
  });

  it('lets nobody but owners change a run, and nobody unsigned read one', () => {
    for (const name of names) {
      const { path, askers, method } = ROUTES[name];
      if (!path.startsWith('/v1/runs')) continue;
      expect(askers, name).not.toContain('anybody');
      if (/\/(start|stop|pause|resume|remove|observers|invitations|answer)$/.test(path) && method !== 'GET') {
        expect(askers, name).toEqual(['owner']);
      }
    }
  });

  it.each([
    ['/v1/runs/run-1/', 'a slash at its end'],
    ['//v1/runs/run-1', 'an empty part'],
    ['/v1/runs/..', 'a part that climbs'],
    ['/v1/runs/.', 'a dot'],
    ['/v1/runs/%2e%2e', 'escapes'],
    ['/v1/runs/run%201', 'an escaped space'],
    ['/v1/runs/a/b/c', 'what no route has'],
    ['/V1/runs/run-1', 'other letters'],
    ['v1/runs/run-1', 'no slash at its beginning'],
    ['http://elsewhere/v1/runs/run-1', 'a whole address'],
    [`/v1/runs/${'a'.repeat(65)}`, 'a name that is too long'],
    [`/v1/runs/run-1?${'a'.repeat(2000)}`, 'a query that is too long'],
    ['/v1/runs/run-1#x', 'a fragment'],
    ['/v1/runs/run\u0000', 'a zero'],
    [`/v1/runs/run-1/blobs/${'CD'.repeat(32)}`, 'a hash in capitals'],
  ])('has nothing at %s: %s', (address) => {
    expect(() => matchAddress('GET', address)).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  it.each([
    '?',
    '?x=1',
    '?from',
    '?from=',
    '?from=-1',
    '?from=1&from=2',
    '?from=01',
    '?from=1&',
    '?from=1%30',
    '?__proto__=1',
  ])('refuses the query %s of events', (query) => {
    expect(() => matchAddress('GET', `/v1/runs/run-1/events${query}`)).toThrow(
      expect.objectContaining({ code: 'malformed' }),
    );
  });

  it('wants what a query needs, and says which methods there are', () => {
    const blob = `/v1/runs/run-1/blobs/${parameters.sha256}`;
    expect(() => matchAddress('PUT', `${blob}?bytes=5`)).toThrow(/says no offset/);
    expect(() => matchAddress('DELETE', blob)).toThrow(
      expect.objectContaining({ code: 'method', message: 'this address takes PUT, GET' }),
    );
  });

  it('makes no address of what it would not find', () => {
    expect(() => addressOf('run', { run: '../x' })).toThrow(/is no run/);
    expect(() => addressOf('run', {})).toThrow(/is no run/);
    expect(() => addressOf('upload', parameters, { bytes: -1, offset: 0 })).toThrow(/is not asked/);
  });
});
