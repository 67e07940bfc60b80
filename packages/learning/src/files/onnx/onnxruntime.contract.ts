// onnxruntime-web as oracle of exported files: single-threaded WebAssembly, in Node.

import * as runtime from 'onnxruntime-web/wasm';

runtime.env.wasm.numThreads = 1;

/** The file's only output for its only input. */
export async function runOnnx(
  file: Uint8Array,
  input: Float32Array,
  shape: readonly number[],
): Promise<{ readonly data: Float32Array; readonly shape: readonly number[] }> {
  const session = await runtime.InferenceSession.create(file, { executionProviders: ['wasm'], logSeverityLevel: 3 });
  const [inputName] = session.inputNames;
  const [outputName] = session.outputNames;
  const results = await session.run({ [inputName]: new runtime.Tensor('float32', input, [...shape]) });
  const { data, dims } = results[outputName];
  await session.release();
  if (!(data instanceof Float32Array)) throw new Error('the output is no float32 tensor');
  return { data, shape: dims };
}
