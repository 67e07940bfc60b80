// A set of Galois keys as one message: the messages of its keys (public-keys.ts), each behind its length, by rising element, so that a set
// has one spelling. Refused: an element twice or out of order, a key kept under another element than its own.

import { ParameterError } from '../errors.ts';
import type { GaloisKey, GaloisKeys } from '../keys/evaluation-key.ts';
import type { Lattice } from '../lattice.ts';
import { readMessage, writeMessage } from './envelope.ts';
import type { ChainParameters } from './parameter-set.ts';
import { decodeGaloisKey, encodeGaloisKey } from './public-keys.ts';
import type { Trace } from './writer.ts';

export function encodeGaloisKeys(
  lattice: Lattice,
  parameters: ChainParameters,
  keys: GaloisKeys,
  trace?: Trace,
): Uint8Array<ArrayBuffer> {
  const rising = [...keys].sort(([a], [b]) => a - b);
  const messages = rising.map(([element, key]) => {
    if (key.element !== element) {
      throw new ParameterError(`the Galois key kept for element ${element} is one for ${key.element}`);
    }
    return { element, bytes: encodeGaloisKey(lattice, parameters, key) };
  });
  const bodyBytes = messages.reduce((sum, { bytes }) => sum + 4 + bytes.length, 4);
  return writeMessage(lattice, { kind: 'Galois keys', parameters, bodyBytes, trace }, (writer) => {
    writer.u32('number of keys', messages.length);
    for (const { element, bytes } of messages) {
      writer.u32(`bytes of the key of element ${element}`, bytes.length);
      writer.bytes(`key of element ${element}`, bytes, bytes.length);
    }
  });
}

export function decodeGaloisKeys(lattice: Lattice, parameters: ChainParameters, bytes: Uint8Array): GaloisKeys {
  return readMessage(lattice, 'Galois keys', parameters, bytes, (reader) => {
    const count = reader.within('number of keys', 4, 0, parameters.degree);
    const keys = new Map<number, GaloisKey>();
    let last = 0;
    for (let i = 0; i < count; i++) {
      const length = reader.u32(`bytes of key ${i}`);
      const key = decodeGaloisKey(lattice, parameters, reader.view(`key ${i}`, length));
      if (key.element <= last) reader.refuse(`the key of element ${key.element} stands behind that of ${last}`);
      last = key.element;
      keys.set(key.element, key);
    }
    return keys;
  });
}
