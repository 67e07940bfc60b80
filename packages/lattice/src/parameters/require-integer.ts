// The one way parameters refuse a number that is not an integer in a range: by name, with the range.

import { ParameterError } from '../errors.ts';

export function requireInteger(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new ParameterError(`${name} ${value} is not an integer in [${low}, ${high}]`);
  }
}
