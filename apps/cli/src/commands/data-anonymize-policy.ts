// The policy of a run: from a file, or put together from options. Both end in the same value, which --save-policy writes.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import type { Released } from '@sumus/dataset/anonymise';
import { type Hierarchy, hierarchyFromCsv } from '@sumus/dataset/hierarchies';
import { type Policy, policyFromJson } from '@sumus/dataset/policy';
import { parse } from 'yaml';
import { UsageError } from '../command.ts';

export interface PolicyOptions {
  readonly policy?: string;
  readonly quasiIdentifiers?: string;
  readonly sensitive?: string;
  readonly identifying?: string;
  readonly insensitive?: string;
  readonly others?: string;
  readonly k?: string;
  readonly lDiversity?: string[];
  readonly tCloseness?: string[];
  readonly deltaDisclosure?: string[];
  readonly kMap?: string;
  readonly deltaPresence?: string;
  readonly hierarchies?: string;
  readonly hierarchy?: string[];
  readonly method?: string;
  readonly measure?: string;
  readonly suppressionLimit?: string;
  readonly suppressionWeight?: string;
  readonly missing?: string;
  readonly suppressedRows?: string;
  readonly riskThreshold?: string;
}

export const policyOptionNames: readonly (keyof PolicyOptions)[] = [
  'policy',
  'quasiIdentifiers',
  'sensitive',
  'identifying',
  'insensitive',
  'others',
  'k',
  'lDiversity',
  'tCloseness',
  'deltaDisclosure',
  'kMap',
  'deltaPresence',
  'hierarchies',
  'hierarchy',
  'method',
  'measure',
  'suppressionLimit',
  'suppressionWeight',
  'missing',
  'suppressedRows',
  'riskThreshold',
];

export interface ChosenPolicy {
  readonly policy: Policy;
  /** As JSON, to be written down. */
  readonly json: unknown;
  /** Where names of hierarchy files start from. */
  readonly folder: string;
}

export function choosePolicy(options: PolicyOptions): ChosenPolicy {
  const json = options.policy === undefined ? jsonOfOptions(options) : readPolicy(options);
  const folder = options.policy === undefined ? process.cwd() : dirname(resolve(options.policy));
  return { policy: policyFromJson(json), json, folder };
}

function readPolicy(options: PolicyOptions): unknown {
  const { policy: path, ...others } = options;
  const alsoGiven = Object.entries(others).filter(([, value]) => value !== undefined);
  if (alsoGiven.length > 0) {
    throw new UsageError(`the policy file says it all: leave out ${alsoGiven.map(([name]) => name).join(', ')}`);
  }
  const text = readFileSync(path ?? '', 'utf8');
  // YAML 1.2 holds JSON; few aliases, so that a small file cannot become a large one.
  try {
    const value: unknown = parse(text, { maxAliasCount: 50 });
    return value;
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : '';
    throw new UsageError(`${path} is neither YAML nor JSON: ${reason}`, { cause });
  }
}

/** The policy with every hierarchy that was built said in full: next month's table then gets the same intervals. */
export function pinned(
  { policy, json, folder }: ChosenPolicy,
  built: Released['builtHierarchies'],
  savedIn: string,
): unknown {
  if (typeof json !== 'object' || json === null || !('columns' in json)) return json;
  const columns = Object.entries(policy.columns).map(([name, own]): [string, unknown] => {
    if (!('hierarchy' in own) || own.hierarchy === undefined) return [name, own];
    const { hierarchy } = own;
    if (hierarchy.kind === 'file') {
      // A file is named from where the policy lies.
      return [name, { ...own, hierarchy: { ...hierarchy, file: relative(savedIn, resolve(folder, hierarchy.file)) } }];
    }
    return [name, { ...own, hierarchy: (Object.hasOwn(built, name) ? built[name] : undefined) ?? hierarchy }];
  });
  return { ...json, columns: Object.fromEntries(columns) };
}

/** The files that a policy names, read once each. */
export function readHierarchies({ policy, folder }: ChosenPolicy): Record<string, Hierarchy> {
  const found: [string, Hierarchy][] = [];
  for (const [name, column] of Object.entries(policy.columns)) {
    if (!('hierarchy' in column) || column.hierarchy?.kind !== 'file') continue;
    const { file } = column.hierarchy;
    const text = readFileSync(resolve(folder, file), 'utf8');
    found.push([file, hierarchyFromCsv({ name, text, file })]);
  }
  return Object.fromEntries(found);
}

export const list = (text: string | undefined): string[] =>
  text === undefined
    ? []
    : text
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '');

function jsonOfOptions(options: PolicyOptions): unknown {
  const quasi = list(options.quasiIdentifiers);
  if (quasi.length === 0) throw new UsageError('say --policy FILE, or --quasi-identifiers and a model such as --k 5');
  const files = hierarchyFiles(options);
  const columns: [string, Record<string, unknown>][] = [];
  for (const name of quasi) {
    const file = files.get(name);
    columns.push([name, { role: 'quasi-identifying', ...(file && { hierarchy: { kind: 'file', file } }) }]);
  }
  for (const name of list(options.sensitive)) {
    const file = files.get(name);
    columns.push([name, { role: 'sensitive', ...(file && { hierarchy: { kind: 'file', file } }) }]);
  }
  for (const name of list(options.identifying)) columns.push([name, { role: 'identifying' }]);
  for (const name of list(options.insensitive)) columns.push([name, { role: 'insensitive' }]);
  const twice = columns.find(([name], at) => columns.findIndex(([other]) => other === name) !== at);
  if (twice !== undefined) throw new UsageError(`column ${twice[0]} has two roles`);
  return {
    version: 1,
    columns: Object.fromEntries(columns),
    // What is not named does not leave.
    otherColumns: options.others ?? 'remove',
    models: modelsOf(options),
    method: methodOf(options),
    ...(options.missing !== undefined && { missing: options.missing }),
    ...(options.suppressedRows !== undefined && { suppressedRows: options.suppressedRows }),
    ...(options.riskThreshold !== undefined && { riskThreshold: part('--risk-threshold', options.riskThreshold) }),
  };
}

/** From --hierarchies FOLDER (NAME.csv, or anything_NAME.csv as ARX has it) and --hierarchy NAME=FILE. */
function hierarchyFiles({ hierarchies, hierarchy = [] }: PolicyOptions): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  if (hierarchies !== undefined) {
    for (const file of readdirSync(hierarchies).sort()) {
      if (extname(file) !== '.csv') continue;
      const name = basename(file, '.csv');
      files.set(name.replace(/^.*hierarchy_/, ''), join(hierarchies, file));
    }
  }
  for (const one of hierarchy) {
    const at = one.indexOf('=');
    if (at <= 0) throw new UsageError(`--hierarchy is COLUMN=FILE, not ${one}`);
    files.set(one.slice(0, at), one.slice(at + 1));
  }
  return files;
}

function modelsOf(options: PolicyOptions): Record<string, unknown>[] {
  const sensitive = list(options.sensitive);
  /** `2@occupation` or, with one sensitive column, `2`. */
  const about = (option: string, text: string): { readonly words: string[]; readonly attribute: string } => {
    const at = text.lastIndexOf('@');
    const [only] = sensitive;
    if (at < 0 && (only === undefined || sensitive.length > 1)) {
      throw new UsageError(`${option} ${text}: of which sensitive column? Say ${text}@COLUMN`);
    }
    const attribute = at < 0 ? (only ?? '') : text.slice(at + 1);
    return { words: (at < 0 ? text : text.slice(0, at)).split(':'), attribute };
  };
  const models: Record<string, unknown>[] = [];
  if (options.k !== undefined) models.push({ kind: 'k-anonymity', k: number('--k', options.k) });
  if (options.kMap !== undefined) models.push({ kind: 'k-map', k: number('--k-map', options.kMap) });
  if (options.deltaPresence !== undefined) {
    const [least = '', most = ''] = options.deltaPresence.split(':');
    const option = '--delta-presence';
    models.push({ kind: 'delta-presence', least: number(option, least), most: number(option, most) });
  }
  for (const text of options.lDiversity ?? []) {
    const { words, attribute } = about('--l-diversity', text);
    const [kind = '', first = '', second = ''] = words.length === 1 ? ['distinct', ...words] : words;
    const value = number('--l-diversity', first);
    if (kind === 'distinct') models.push({ kind: 'distinct-l-diversity', attribute, l: value });
    else if (kind === 'entropy') models.push({ kind: 'entropy-l-diversity', attribute, l: value });
    else if (kind === 'recursive') {
      models.push({ kind: 'recursive-cl-diversity', attribute, c: value, l: number('--l-diversity', second) });
    } else throw new UsageError(`--l-diversity is distinct:L, entropy:L or recursive:C:L, not ${text}`);
  }
  for (const text of options.tCloseness ?? []) {
    const { words, attribute } = about('--t-closeness', text);
    const [first = '', distance = 'equal'] = words;
    models.push({ kind: 't-closeness', attribute, t: number('--t-closeness', first), distance });
  }
  for (const text of options.deltaDisclosure ?? []) {
    const { words, attribute } = about('--delta-disclosure', text);
    const [first = '', absent = 'ignored'] = words;
    models.push({ kind: 'delta-disclosure', attribute, delta: number('--delta-disclosure', first), absent });
  }
  return models;
}

function methodOf(options: PolicyOptions): Record<string, unknown> {
  const { method = 'full-domain' } = options;
  const searchOnly = [options.measure, options.suppressionLimit, options.suppressionWeight];
  if (method !== 'full-domain' && searchOnly.some((value) => value !== undefined)) {
    throw new UsageError(`--measure, --suppression-limit and --suppression-weight are for the full-domain search`);
  }
  switch (method) {
    case 'full-domain':
      return {
        kind: 'full-domain',
        ...(options.measure !== undefined && {
          measure: options.measure === 'aecs' ? 'average-class-size' : options.measure,
        }),
        ...(options.suppressionLimit !== undefined && {
          suppressionLimit: part('--suppression-limit', options.suppressionLimit),
        }),
        ...(options.suppressionWeight !== undefined && {
          suppressionWeight: part('--suppression-weight', options.suppressionWeight),
        }),
      };
    case 'mondrian':
    case 'mondrian-relaxed':
      return { kind: 'mondrian', mode: method === 'mondrian' ? 'strict' : 'relaxed' };
    case 'microaggregation':
      return { kind: 'microaggregation', k: number('--k', options.k ?? '') };
    default:
      throw new UsageError(`--method is full-domain, mondrian, mondrian-relaxed or microaggregation, not ${method}`);
  }
}

function number(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new UsageError(`${option}: "${text}" is no number`);
  return value;
}

/** `0.05` or `5%`. */
export function part(option: string, text: string): number {
  const percent = text.trim().endsWith('%');
  const value = number(option, percent ? text.trim().slice(0, -1) : text);
  const share = percent ? value / 100 : value;
  if (!(share >= 0 && share <= 1))
    throw new UsageError(`${option} is a part from 0 to 1, or from 0% to 100%, not ${text}`);
  return share;
}
