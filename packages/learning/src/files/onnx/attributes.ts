// A node's attributes with their defaults. graph.ts has checked that each is of its kind.

import { MalformedMessage } from '../../errors.ts';
import { type OnnxAttribute, type OnnxNode, shownNode } from './graph.ts';

export function integerOf({ attributes }: OnnxNode, name: string, standard: number): number {
  const attribute = attributes.get(name);
  return attribute?.kind === 'int' ? attribute.value : standard;
}

/** The shortest decimal that is this float: 0.1, not 0.10000000149011612. */
export function floatOf({ attributes }: OnnxNode, name: string, standard: number): number {
  const attribute = attributes.get(name);
  return attribute?.kind === 'float' ? shortest(attribute.value) : standard;
}

export function textOf({ attributes }: OnnxNode, name: string, standard: string): string {
  const attribute = attributes.get(name);
  return attribute?.kind === 'string' ? attribute.value : standard;
}

export function integersOf({ attributes }: OnnxNode, name: string, standard: readonly number[]): readonly number[] {
  const attribute = attributes.get(name);
  return attribute?.kind === 'ints' ? attribute.value : standard;
}

/** Refuses any other value than these: what no layer here computes. */
export function requireOneOf(
  node: OnnxNode,
  name: string,
  value: OnnxAttribute['value'],
  allowed: readonly unknown[],
): void {
  const isSame = (other: unknown): boolean => JSON.stringify(other) === JSON.stringify(value);
  if (!allowed.some(isSame))
    throw new MalformedMessage(`${shownNode(node)}: ${name} ${JSON.stringify(value).slice(0, 80)} is not read`);
}

export function shortest(float: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const decimal = Number(float.toPrecision(digits));
    if (Math.fround(decimal) === float) return decimal;
  }
  return float;
}
