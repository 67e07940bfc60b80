// From a route to an address and back. A path has exactly one spelling: no escapes, no empty or dotted part, no slash at its end; a query has
// each of its parameters at most once. What is spelt otherwise is not there.

import { ParameterError } from '@sumus/federation/errors';
import { Problem } from '../problem/problem.ts';
import { PARAMETERS, type Route } from './route.ts';
import { ROUTES, type RouteName } from './routes.ts';

export type Parameters = Readonly<Record<string, string>>;

const partsOf = (path: string): readonly string[] => path.split('/').slice(1);
const parameterOf = (part: string): string | undefined => /^\{(.+)\}$/.exec(part)?.[1];

/** Path and query of a route, as a request line has them. */
export function addressOf(
  name: RouteName,
  parameters: Parameters = {},
  query: Readonly<Record<string, string | number>> = {},
): string {
  const route = ROUTES[name];
  const path = partsOf(route.path).map((part) => {
    const parameter = parameterOf(part);
    if (parameter === undefined) return part;
    const value = parameters[parameter] ?? '';
    if (PARAMETERS[parameter]?.test(value) !== true) {
      throw new ParameterError(`${JSON.stringify(value.slice(0, 80))} is no ${parameter} of ${route.path}`);
    }
    return value;
  });
  const asked = Object.entries(query).map(([parameter, value]) => {
    const text = String(value);
    if (route.query[parameter]?.pattern.test(text) !== true) {
      throw new ParameterError(`${parameter}=${text.slice(0, 80)} is not asked of ${route.path}`);
    }
    return `${parameter}=${text}`;
  });
  return `/${path.join('/')}${asked.length === 0 ? '' : `?${asked.join('&')}`}`;
}

export interface Matched {
  readonly name: RouteName;
  readonly route: Route;
  readonly parameters: Parameters;
  readonly query: Parameters;
}

const ADDRESS_CHARACTERS_AT_MOST = 1024;
const table: readonly { readonly name: RouteName; readonly route: Route; readonly parts: readonly string[] }[] = (
  Object.entries(ROUTES) as readonly (readonly [RouteName, Route])[]
).map(([name, route]) => ({ name, route, parts: partsOf(route.path) }));

/** Throws a Problem: not-found, method or malformed. `address`: as the request line has it. */
export function matchAddress(method: string, address: string): Matched {
  const nowhere = (): never => {
    throw new Problem('not-found', 'there is nothing at this address');
  };
  if (address.length > ADDRESS_CHARACTERS_AT_MOST) return nowhere();
  const mark = address.indexOf('?');
  const parts = partsOf(mark < 0 ? address : address.slice(0, mark));
  const here = table.flatMap(({ name, route, parts: wanted }) => {
    const parameters = address.startsWith('/') ? parametersOf(wanted, parts) : undefined;
    return parameters === undefined ? [] : [{ name, route, parameters }];
  });
  if (here.length === 0) return nowhere();
  const found = here.find(({ route }) => route.method === method);
  if (found === undefined) {
    throw new Problem('method', `this address takes ${here.map(({ route }) => route.method).join(', ')}`);
  }
  return Object.freeze({ ...found, query: queryOf(found.route, mark < 0 ? undefined : address.slice(mark + 1)) });
}

function parametersOf(wanted: readonly string[], parts: readonly string[]): Parameters | undefined {
  if (wanted.length !== parts.length) return undefined;
  const found: [string, string][] = [];
  for (const [index, want] of wanted.entries()) {
    const part = parts[index] ?? '';
    const parameter = parameterOf(want);
    if (parameter === undefined ? part !== want : PARAMETERS[parameter]?.test(part) !== true) return undefined;
    if (parameter !== undefined) found.push([parameter, part]);
  }
  return Object.freeze(Object.fromEntries(found));
}

function queryOf(route: Route, text: string | undefined): Parameters {
  const found = new Map<string, string>();
  const refuse = (what: string): never => {
    throw new Problem('malformed', `the query ${what}`);
  };
  for (const pair of text === undefined ? [] : text.split('&')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, equals));
    const value = pair.slice(equals + 1);
    if (!Object.hasOwn(route.query, name)) refuse('asks for something that is not known here');
    if (found.has(name)) refuse(`says ${name} twice`);
    if (route.query[name]?.pattern.test(value) !== true) refuse(`has a ${name} that is none`);
    found.set(name, value);
  }
  for (const [name, { isRequired }] of Object.entries(route.query)) {
    if (isRequired && !found.has(name)) refuse(`says no ${name}`);
  }
  return Object.freeze(Object.fromEntries(found));
}
