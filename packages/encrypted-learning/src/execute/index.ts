// The door `@sumus/encrypted-learning/execute`: circuits run, in the clear or on ciphertexts. Start at executor.ts.

export { ParameterError } from '../errors.ts';
export { BoundExceeded } from './bound.ts';
export { type CkksOptions, ckksExecutor } from './ckks.ts';
export { type ClearOptions, type ClearVector, clearExecutor } from './clear.ts';
export type { KeptEncodings } from './encodings.ts';
export {
  decryptOutput,
  encryptInput,
  encryptInputs,
  encryptOwnInput,
  type InputSlot,
  inputSlot,
} from './encrypt-inputs.ts';
export { type Executor, type Inputs, inputsFrom, type Progress, type RunOptions } from './executor.ts';
export { type EvaluationKeys, evaluationKeys, galoisElements } from './keys.ts';
