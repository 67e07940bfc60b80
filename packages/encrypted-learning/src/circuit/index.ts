// The door `@sumus/encrypted-learning/circuit`: computations as values. Start at circuit.ts, then builder.ts for what can be said.

export { ParameterError } from '../errors.ts';
export type { CircuitBuilder, InputOptions, WeightedTerm, Wire } from './builder.ts';
export { type Circuit, type CircuitInput, circuit, inputsOf } from './circuit.ts';
export { largestOn, magnitudesOf } from './magnitude.ts';
export { type DeepStep, describe, type Measure, measure } from './measure.ts';
export { levelCost, type Operation, type OperationKind, type Output } from './operation.ts';
export type { NamedPlain, Plain, PlainOperand } from './plain.ts';
