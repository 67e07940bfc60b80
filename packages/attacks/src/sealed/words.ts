// The same attacker before a sealed update: a vector of words modulo 2^32 that a secure sum carries. Read in the attacker's favour: the
// words are a plain fixed-point gradient of a step it knows, with neither rotation nor random rounding nor a narrower ring in between.
// Without a mask the reading gives back the gradient and every attack works as before, which is the control; under a mask the words are
// uniform whatever the gradient is, and so is what comes out of them.
//
// Refuses: steps that are not positive, values that leave the words' range (half of 2^32 steps each way).

import { ParameterError } from '../errors.ts';

const HALF = 2 ** 31;

/** Fixed-point words of a gradient, two's complement, rounded to the nearest. */
export function wordsOf(gradient: Float32Array, step: number): Uint32Array<ArrayBuffer> {
  checkStep(step);
  return Uint32Array.from(gradient, (value, i) => {
    const units = Math.round(value / step);
    if (!(units >= -HALF && units < HALF)) throw new ParameterError(`value ${i} does not fit into steps of ${step}`);
    return units >>> 0;
  });
}

/** The gradient that words say they are. */
export function readWords(words: Uint32Array, step: number): Float32Array<ArrayBuffer> {
  checkStep(step);
  return Float32Array.from(words, (word) => (word | 0) * step);
}

/** Adds a mask modulo 2^32. Where the mask comes from decides everything: uniform and used once, or the words are no secret. */
export function addMask(words: Uint32Array, mask: Uint32Array): Uint32Array<ArrayBuffer> {
  if (mask.length !== words.length) throw new ParameterError(`${mask.length} words of mask for ${words.length}`);
  return words.map((word, i) => word + mask[i]);
}

function checkStep(step: number): void {
  if (!(step > 0 && Number.isFinite(step))) throw new ParameterError(`a step must be positive, not ${step}`);
}
