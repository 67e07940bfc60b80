// sumus model evaluate: how good a model is on data that it has not seen; accuracy, loss, calibration and every class by itself.
import { randomBytes } from 'node:crypto';
import { featureMap } from '@sumus/federation/one-round';
import { wasmEngine } from '@sumus/learning/engine';
import { classReports } from '@sumus/learning/metrics';
import { Network } from '@sumus/learning/network';
import { evaluate } from '@sumus/learning/training';
import { nodePrimitives } from '@sumus/platform/node';
import type { LabelledExamples } from '@sumus/simulation/examples';
import { UsageError } from '../command.ts';
import { printColumns, printJson } from '../print.ts';
import { percent } from '../run-view.ts';
import {
  type ExamplesOptions,
  type ModelInput,
  openExamples,
  openPrepared,
  type Preparation,
} from './examples-source.ts';
import { type FeaturesOfModel, featuresOfModel, preparationOfModel, readModel } from './model-file.ts';

export interface ModelEvaluateOptions extends ExamplesOptions {
  readonly on: 'test' | 'training';
  readonly json?: true;
}

const PIECE = 256;

export async function evaluateModel(path: string, options: ModelEvaluateOptions): Promise<void> {
  const file = readModel(path);
  const features = featuresOfModel(file);
  const engine = await wasmEngine();
  const network = new Network(engine, file.model, { seed: 0, maxBatch: PIECE });
  network.setParameters(file.weights);
  const shape = features === undefined ? file.model.input : [features.inputSize];
  const input = { shape, classes: network.outputSize };
  const { examples, notes } = await examplesFor(options, input, preparationOfModel(file));
  const inputs = features === undefined ? examples.inputs : await mapped(features, examples);
  const targets = examples.labels;
  const found = evaluate(network, { inputs, targets }, { kind: 'crossEntropy' });
  if (found.classes === undefined) throw new UsageError('the model tells no classes apart');
  const { accuracy, macroF1, calibrationError, areaUnderCurve, confusion } = found.classes;
  const reports = classReports(confusion);
  const nameOf = (place: number): string => examples.classNames[place] ?? String(place);
  if (options.json) {
    printJson({
      model: path,
      on: options.on,
      examples: found.exampleCount,
      accuracy,
      loss: found.meanLoss,
      macroF1,
      calibrationError,
      areaUnderCurve: areaUnderCurve ?? null,
      classes: reports.map((report, place) => ({ class: nameOf(place), ...report })),
    });
    return;
  }
  for (const note of notes) process.stdout.write(`${note}\n`);
  printColumns([
    ['accuracy', percent(accuracy)],
    ['loss', found.meanLoss.toFixed(4)],
    ['macro F1', macroF1.toFixed(3)],
    ['calibration error', calibrationError.toFixed(3)],
    ...(areaUnderCurve === undefined ? [] : [['area under the curve', areaUnderCurve.toFixed(3)]]),
  ]);
  process.stdout.write('\n');
  printColumns([
    ['class', 'precision', 'recall', 'F1', 'examples'],
    ...reports.map(({ precision, recall, f1, support }, place) => [
      nameOf(place),
      precision.toFixed(3),
      recall.toFixed(3),
      f1.toFixed(3),
      String(support),
    ]),
  ]);
}

/** A table as the model's own was prepared, all rows of it; else the part that the options name. */
async function examplesFor(
  options: ModelEvaluateOptions,
  input: ModelInput,
  preparation: Preparation | undefined,
): Promise<{ readonly examples: LabelledExamples; readonly notes: readonly string[] }> {
  if (preparation !== undefined) {
    const examples = await openPrepared(options, input, preparation);
    return { examples, notes: ['all rows, prepared as those were that the model was trained on'] };
  }
  const random = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));
  const { training, test, notes } = await openExamples(options, input, random);
  return { examples: options.on === 'training' ? training : test, notes };
}

async function mapped(features: FeaturesOfModel, { inputs }: LabelledExamples): Promise<Float32Array> {
  const { chacha20 } = nodePrimitives();
  const { inputSize, key, ...shape } = features;
  return featureMap(shape, { inputSize, key }, { engine: await wasmEngine(), chacha20 })(inputs);
}
