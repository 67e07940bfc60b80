// The same bits in every runtime: digests of the tables and of the features of a made-up image. Features enter training, and training
// is replayed.

import { expect, it } from 'vitest';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { IMAGE_LENGTH, scattering } from './scattering.ts';
import { scatteringTables } from './scattering-tables.ts';

async function digest(values: Float32Array<ArrayBuffer>): Promise<string> {
  // Little-endian words, whatever the machine.
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const view = new DataView(new ArrayBuffer(4 * words.length));
  words.forEach((word, i) => {
    view.setUint32(4 * i, word, true);
  });
  const hash = new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', view.buffer));
  return Array.from(hash.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const images = Float32Array.from({ length: 2 * IMAGE_LENGTH }, (_, i) => ((i * 2654435761) % 256) / 255);

it('the tables have these bits', async () => {
  expect(await digest(scatteringTables().values)).toBe('14f02f5708f5419071c5e16c76a95dd4');
});

it('the features have these bits, normalised and not', async () => {
  const engine = await wasmEngine();
  expect(await digest(scattering(engine, { isNormalised: false }).transform(images))).toBe(
    '034dd26f6a2406110d09e5413cb5cc9a',
  );
  expect(await digest(scattering(engine).transform(images))).toBe('cf360b34163716c572f4d321542de67f');
});
