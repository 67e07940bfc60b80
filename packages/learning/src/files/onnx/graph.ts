// An ONNX graph as a neutral value, between bytes (encode.ts, decode.ts) and our architectures (export.ts, import.ts): nodes in an order
// in which they can run, constants, inputs and outputs. `graphFault` says what is wrong with one; both doors ask it.

import { elementCount } from '../named-tensor.ts';
import { operators } from './operators.ts';

export type OnnxTensor =
  | {
      readonly name: string;
      readonly shape: readonly number[];
      readonly elementType: 'float32';
      readonly data: Float32Array;
    }
  | {
      readonly name: string;
      readonly shape: readonly number[];
      readonly elementType: 'int64';
      readonly data: readonly number[];
    };

/** A size that is text is known only when the graph runs. */
export interface OnnxValue {
  readonly name: string;
  readonly elementType: 'float32' | 'int64';
  readonly shape: readonly (number | string)[];
}

export type OnnxAttribute =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'tensor'; readonly value: OnnxTensor };

export interface OnnxNode {
  readonly name: string;
  readonly operator: string;
  /** Empty where an optional input or output is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export interface OnnxGraph {
  readonly name: string;
  readonly opset: number;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** Opsets whose operators mean what operators.ts and the importer take them to mean. */
export const OLDEST_OPSET = 13;
export const NEWEST_OPSET = 21;

/** What a message calls a node. */
export const shownNode = ({ name, operator }: OnnxNode): string =>
  name === '' ? `a node ${operator}` : `node ${JSON.stringify(name)} (${operator})`;

/** What is wrong with the graph, or undefined: unknown operators, values used before they exist, names given twice, wrong sizes. */
export function graphFault(graph: OnnxGraph): string | undefined {
  const { opset, nodes, initializers, inputs, outputs } = graph;
  if (!Number.isInteger(opset) || opset < OLDEST_OPSET || opset > NEWEST_OPSET) {
    return `opset ${opset} is not one of ${OLDEST_OPSET} to ${NEWEST_OPSET}`;
  }
  const defined = new Set<string>();
  const define = (name: string): string | undefined => {
    if (name === '') return 'a value has no name';
    if (defined.has(name)) return `the value ${JSON.stringify(name)} is given twice`;
    defined.add(name);
    return undefined;
  };
  const faults = [
    ...initializers.map((tensor) => tensorFault(tensor) ?? define(tensor.name)),
    ...inputs.map(({ name }) => define(name)),
  ];
  if (inputs.length === 0) faults.push('the graph has no input');
  if (outputs.length === 0) faults.push('the graph has no output');
  for (const node of nodes) {
    const fault =
      nodeFault(node) ??
      missing(node.inputs, defined) ??
      node.outputs
        .filter((name) => name !== '')
        .map(define)
        .find((found) => found !== undefined);
    if (fault !== undefined) return faults.find((found) => found !== undefined) ?? `${shownNode(node)}: ${fault}`;
  }
  faults.push(
    missing(
      outputs.map(({ name }) => name),
      defined,
    ),
  );
  return faults.find((found) => found !== undefined);
}

function missing(names: readonly string[], defined: ReadonlySet<string>): string | undefined {
  const name = names.find((one) => one !== '' && !defined.has(one));
  return name === undefined ? undefined : `the value ${JSON.stringify(name)} is used before it exists`;
}

function nodeFault({ operator, inputs, outputs, attributes }: OnnxNode): string | undefined {
  const known = operators.get(operator);
  if (known === undefined) return `the operator ${JSON.stringify(operator)} is not known here`;
  for (const [what, names, [least, most]] of [
    ['inputs', inputs, known.inputs],
    ['outputs', outputs, known.outputs],
  ] as const) {
    if (names.length < least || names.length > most) return `it has ${names.length} ${what}, not ${least} to ${most}`;
    if (names.slice(0, least).includes('')) return `one of its ${what} is left out that may not be`;
  }
  for (const [name, attribute] of attributes) {
    const kind = Object.hasOwn(known.attributes, name) ? known.attributes[name] : undefined;
    if (kind === undefined) return `the attribute ${JSON.stringify(name)} is not known here`;
    if (kind !== attribute.kind) return `the attribute ${name} is of kind ${attribute.kind}, not ${kind}`;
    if (attribute.kind === 'tensor') return tensorFault(attribute.value);
    const numbers = attribute.kind === 'ints' ? attribute.value : [attribute.value];
    if (attribute.kind !== 'string' && !numbers.every(Number.isFinite)) return `the attribute ${name} is not finite`;
  }
  return undefined;
}

export function tensorFault({ name, shape, data }: OnnxTensor): string | undefined {
  const count = elementCount(shape);
  if (count === undefined) return `tensor ${JSON.stringify(name)} cannot have shape [${shape}]`;
  return count === data.length
    ? undefined
    : `tensor ${JSON.stringify(name)} of shape [${shape}] needs ${count} numbers, not ${data.length}`;
}
