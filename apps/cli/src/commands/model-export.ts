// sumus model export: a model in the format that another tool reads; safetensors or ONNX, by the name of the file that is written.
import { existsSync, writeFileSync } from 'node:fs';
import { writeNetwork } from '@sumus/learning/files';
import { exportOnnx } from '@sumus/learning/files/onnx';
import { parameterCount } from '@sumus/learning/model';
import { BadNews, UsageError } from '../command.ts';
import { printJson } from '../print.ts';
import { FEATURES_KEY, readModel } from './model-file.ts';

export interface ModelExportOptions {
  readonly out: string;
  readonly softmax?: true;
  readonly json?: true;
}

export function exportModel(path: string, options: ModelExportOptions): void {
  const { out, softmax, json } = options;
  const { model, weights, metadata } = readModel(path);
  if (existsSync(out)) throw new UsageError(`${out} is there already; choose another name`);
  const format = /\.onnx$/i.test(out) ? 'onnx' : /\.safetensors$/i.test(out) ? 'safetensors' : undefined;
  if (format === undefined) throw new UsageError(`${out} ends neither in .onnx nor in .safetensors`);
  if (softmax && format !== 'onnx') throw new UsageError('--softmax is for ONNX');
  if (format === 'onnx' && metadata.has(FEATURES_KEY)) {
    throw new BadNews(`the model works on features that ONNX has no operator for: export ${path} as safetensors`);
  }
  const bytes =
    format === 'onnx'
      ? exportOnnx(model, weights, softmax ? { isSoftmaxAppended: true } : {})
      : writeNetwork(model, weights, metadata);
  writeFileSync(out, bytes, { flag: 'wx' });
  const parameters = parameterCount(model);
  if (json) printJson({ file: out, format, parameters, bytes: bytes.length });
  else
    process.stdout.write(
      `${out}: ${format}, ${parameters.toLocaleString('en')} parameters, ${bytes.length.toLocaleString('en')} bytes\n`,
    );
}
