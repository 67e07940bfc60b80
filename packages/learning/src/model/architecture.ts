// An architecture is data: checked, frozen, JSON, with the same canonical bytes for equal models. Weights are no part of it.
// Refuses: unknown kinds and members, values out of range, shapes that do not fit; each by the layer's place and name.

import { ParameterError } from '../errors.ts';
import type { LayerKind, LayerSpec } from './layer-spec.ts';
import { describeLayers, type ParameterDeclaration, type Shape, shown, sizeOf } from './shapes.ts';

export interface ArchitectureLiteral {
  /** The shape of one example. */
  readonly input: Shape;
  readonly layers: readonly LayerSpec[];
}

declare const checked: unique symbol;

/** Made by `architecture` alone: every default filled in, every shape checked, frozen through and through. */
export interface Architecture extends ArchitectureLiteral {
  readonly [checked]: true;
}

/** Every kind's members with their defaults; `undefined` where there is none. */
const members: Readonly<Record<LayerKind, Readonly<Record<string, unknown>>>> = {
  dense: { units: undefined, bias: true, initialiser: 'he' },
  conv2d: { filters: undefined, kernel: undefined, step: 1, padding: 0, groups: 1, bias: true, initialiser: 'he' },
  maxPool: { window: undefined, step: 'window' },
  averagePool: { window: undefined, step: 'window' },
  globalAveragePool: {},
  flatten: {},
  relu: {},
  tanh: {},
  sigmoid: {},
  softplus: {},
  gelu: {},
  square: {},
  leakyRelu: { slope: 0.01 },
  polynomial: { coefficients: undefined },
  dropout: { rate: undefined },
  layerNorm: { epsilon: 1e-5 },
  groupNorm: { groups: undefined, epsilon: 1e-5 },
  embedding: { vocabulary: undefined, width: undefined },
  residual: { layers: undefined, shortcut: [] },
};

const MAXIMAL_DEPTH = 8;
const MAXIMAL_PARAMETERS = 2 ** 28;

export function architecture(literal: ArchitectureLiteral): Architecture {
  const { input, layers } = literal;
  if (
    !Array.isArray(input) ||
    ![1, 3].includes(input.length) ||
    !input.every((n) => Number.isSafeInteger(n) && n > 0)
  ) {
    throw new ParameterError(`an input's shape is [n] or [rows, columns, channels], not ${JSON.stringify(input)}`);
  }
  const complete = { input: Object.freeze([...input]), layers: completeLayers(layers, 'layers', 0) };
  const parameters = describeLayers(complete.layers, complete.input, '').parameters;
  const count = parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (count > MAXIMAL_PARAMETERS) throw new ParameterError(`${count} parameters are more than ${MAXIMAL_PARAMETERS}`);
  // The brand: this is the only place that gives it.
  return Object.freeze(complete) as Architecture;
}

function completeLayers(layers: unknown, where: string, depth: number): readonly LayerSpec[] {
  if (!Array.isArray(layers)) throw new ParameterError(`${where} must be an array`);
  if (depth > MAXIMAL_DEPTH) throw new ParameterError(`${where}: blocks are nested more than ${MAXIMAL_DEPTH} deep`);
  return Object.freeze(layers.map((layer: unknown, index) => completeLayer(layer, `${where}[${index}]`, depth)));
}

function completeLayer(layer: unknown, where: string, depth: number): LayerSpec {
  if (typeof layer !== 'object' || layer === null) throw new ParameterError(`${where} is no layer`);
  const given = new Map<string, unknown>(Object.entries(layer));
  const kind = given.get('kind');
  const known = new Map(Object.entries(members)).get(String(kind));
  if (known === undefined) throw new ParameterError(`${where}: there is no layer of kind ${JSON.stringify(kind)}`);
  for (const name of given.keys()) {
    if (name !== 'kind' && !(name in known)) throw new ParameterError(`${where} (${kind}): ${name} is not known`);
  }
  const complete: Record<string, unknown> = { kind };
  for (const [name, standard] of Object.entries(known)) {
    const fallback = standard === 'window' ? given.get('window') : standard;
    const value = given.get(name) ?? fallback;
    if (value === undefined) throw new ParameterError(`${where} (${kind}): ${name} is missing`);
    complete[name] = checkedMember(name, value, `${where} (${kind})`, depth);
  }
  // Complete by the table above; what its values may be is checked there and, for shapes, in shapes.ts.
  return Object.freeze(complete) as unknown as LayerSpec;
}

function checkedMember(name: string, value: unknown, where: string, depth: number): unknown {
  const refuse = (): never => {
    throw new ParameterError(`${where}: ${name} cannot be ${JSON.stringify(value)}`);
  };
  switch (name) {
    case 'bias':
      return typeof value === 'boolean' ? value : refuse();
    case 'initialiser':
      return ['he', 'glorot', 'zeros'].includes(String(value)) ? value : refuse();
    case 'padding':
      return value === 'same' || typeof value === 'number' ? value : refuse();
    case 'coefficients':
      return Array.isArray(value) && value.every((c) => typeof c === 'number') ? Object.freeze([...value]) : refuse();
    case 'layers':
    case 'shortcut':
      return completeLayers(value, `${where}.${name}`, depth + 1);
    case 'epsilon':
      return typeof value === 'number' && value > 0 && value < 1 ? value : refuse();
    default:
      return typeof value === 'number' && Number.isFinite(value) ? value : refuse();
  }
}

/** Parameters in their order in the flat vector. */
export function parametersOf(model: Architecture): readonly ParameterDeclaration[] {
  return describeLayers(model.layers, model.input, '').parameters;
}

export function parameterCount(model: Architecture): number {
  return parametersOf(model).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

export function outputShape(model: Architecture): Shape {
  return describeLayers(model.layers, model.input, '').output;
}

/** One line a layer, for people. */
export function summary(model: Architecture): string {
  let shape = model.input;
  const lines = model.layers.map((layer, index) => {
    const { output, parameters } = describeLayers([layer], shape, '');
    const count = parameters.reduce((sum, one) => sum + sizeOf(one.shape), 0);
    shape = output;
    return `${index} ${layer.kind} → ${shown(output)}, ${count} parameters`;
  });
  return [`input ${shown(model.input)}`, ...lines].join('\n');
}

/** The canonical text: members sorted by name, no white space. Equal architectures have equal text. */
export function canonicalJson(model: Architecture): string {
  return JSON.stringify(model, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** The architecture's identity under a hash that is handed in (SHA-256, where others must agree). */
export function contentHash(model: Architecture, hash: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  const text = canonicalJson(model);
  // The text is ASCII: kinds, member names, numbers.
  return hash(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}

/** From JSON text that somebody else wrote. */
export function parseArchitecture(text: string): Architecture {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ParameterError('an architecture is JSON, and this is not', { cause });
  }
  if (typeof value !== 'object' || value === null || !('input' in value) || !('layers' in value)) {
    throw new ParameterError('an architecture has an input and layers');
  }
  for (const name of Object.keys(value)) {
    if (name !== 'input' && name !== 'layers') throw new ParameterError(`an architecture has no ${name}`);
  }
  return architecture(value as unknown as ArchitectureLiteral);
}
