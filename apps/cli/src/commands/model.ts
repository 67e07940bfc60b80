// sumus model: what comes out of a run, handed on to other tools and tried on data.
import { type Command, Option } from 'commander';
import type { SumusCommand } from '../command.ts';
import { declareSource } from './data-source-options.ts';
import { declareExamples } from './examples-source.ts';
import { evaluateModel, type ModelEvaluateOptions } from './model-evaluate.ts';
import { exportModel, type ModelExportOptions } from './model-export.ts';

export const model: SumusCommand = {
  declare(program: Command): void {
    const group = program.command('model').description('export a trained model, or try it on data');
    group
      .command('export')
      .description('safetensors or ONNX, by the name of the file that is written')
      .argument('<file>', 'a model: .safetensors as sumus writes it, or .onnx')
      .requiredOption('-o, --out <file>', 'where it goes: NAME.onnx or NAME.safetensors')
      .option('--softmax', 'ONNX: append a softmax, so that outputs are probabilities')
      .option('--json', 'one JSON object on one line')
      .addHelpText('after', '\nExample:\n  sumus model export model.safetensors --out model.onnx --softmax\n')
      .action((file: string, options: ModelExportOptions) => exportModel(file, options));
    declareExamples(declareSource(group.command('evaluate')))
      .description('accuracy, loss, calibration, and every class by itself')
      .argument('<file>', 'a model: .safetensors as sumus writes it, or .onnx')
      .addOption(new Option('--on <part>', 'which examples').choices(['test', 'training']).default('test'))
      .option('--json', 'one JSON object on one line')
      .addHelpText('after', '\nExample:\n  sumus model evaluate model.safetensors --data mnist\n')
      .action((file: string, options: ModelEvaluateOptions) => evaluateModel(file, options));
  },
};
