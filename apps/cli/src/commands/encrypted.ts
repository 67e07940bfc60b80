// sumus encrypted: learning and predicting where the machine that computes cannot read the data.
import { type Command, Option } from 'commander';
import type { SumusCommand } from '../command.ts';
import { declareSource } from './data-source-options.ts';
import { type KeygenOptions, makeKeys } from './encrypted-keys.ts';
import {
  type DecryptOptions,
  decryptAnswers,
  type EncryptOptions,
  type ExplainOptions,
  encryptExamples,
  explainPrediction,
  type PredictOptions,
  predictEncrypted,
} from './encrypted-predict.ts';
import { explainTask, isTask, makeTaskKeys } from './encrypted-task.ts';
import { trainEncrypted } from './encrypted-train.ts';
import {
  type DecryptWeightsOptions,
  decryptWeights,
  type EncryptRowsOptions,
  encryptTrainingRows,
  isEncrypted,
  trainOnCiphertexts,
} from './encrypted-train-files.ts';
import { declareRows, declareTask, declareTrain } from './encrypted-training-options.ts';

const OFFER = 'what sumus encrypted explain wrote';

export const encrypted: SumusCommand = {
  declare(program: Command): void {
    const group = program.command('encrypted').description('learn and predict on data that nobody sees');
    group
      .command('explain')
      .description('what predicting with a model on ciphertexts takes; --out writes the offer that others encrypt for')
      .argument('<model>', 'a model: .safetensors as sumus writes it, or .onnx')
      .addOption(
        new Option('--packing <kind>', 'many examples at once, or one example soon')
          .choices(['examples', 'features'])
          .default('examples'),
      )
      .option('--magnitude <bound>', 'no input is further from 0', '1')
      .option('--error <deviation>', 'what outputs may be off by', '0.001')
      .option('-o, --out <file>', 'the offer: no weight is in it')
      .option('--json', 'one JSON object on one line')
      .action((model: string, options: ExplainOptions) => explainPrediction(model, options));
    group
      .command('keygen')
      .description('a secret key, which stays, and evaluation keys, which travel')
      .requiredOption('--offer <file>', OFFER)
      .requiredOption('-o, --out <folder>', 'where secret.key and evaluation.keys go')
      .option('--passphrase-file <file>', 'its first line protects secret.key')
      .option('--json', 'one JSON object on one line')
      .action((options: KeygenOptions) => (isTask(options.offer) ? makeTaskKeys(options) : makeKeys(options)));
    declareRows(declareSource(group.command('encrypt')))
      .description('examples for a prediction, or rows for a training, encrypted for an offer or a task')
      .requiredOption('--offer <file>', OFFER)
      .requiredOption('--secret <file>', 'secret.key')
      .requiredOption('--data <file>', 'a table of numbers of any format, or an IDX file of images')
      .option('--leave-out <column>', 'a column that is no input')
      .option('--passphrase-file <file>', 'that protects secret.key')
      .requiredOption('-o, --out <file>', 'where the ciphertexts go')
      .option('--json', 'one JSON object on one line')
      .action((options: EncryptOptions & EncryptRowsOptions) =>
        isTask(options.offer) ? encryptTrainingRows(options) : encryptExamples(options),
      );
    declareTask(group, explainTask);
    declareTrain(group, (options, command) =>
      isEncrypted(options.data) ? trainOnCiphertexts(options, command) : trainEncrypted(options),
    );
    declareSource(group.command('predict'))
      .description('a model on ciphertexts; --clear: the same circuit on a table')
      .argument('<model>', 'the model that the offer was made for')
      .requiredOption('--offer <file>', OFFER)
      .requiredOption('--data <file>', 'ciphertexts; with --clear, a table')
      .option('--keys <file>', 'evaluation.keys')
      .option('-o, --out <file>', 'where the encrypted answers go')
      .option('--leave-out <column>', 'with --clear: a column that is no input')
      .option('--clear', 'without encryption, for comparison')
      .option('--json', 'one JSON object on one line')
      .addHelpText(
        'after',
        '\nExample:\n  sumus encrypted predict model.safetensors --offer offer.json --keys evaluation.keys --data rows.enc --out answers.enc\n',
      )
      .action((model: string, options: PredictOptions) => predictEncrypted(model, options));
    declareRows(declareSource(group.command('decrypt')))
      .description(
        'the answers: a line an example, the number of the largest output first; or the weights of a training',
      )
      .option('--rows <file>', 'a training’s rows, to judge each fold by those it left out')
      .requiredOption('--offer <file>', OFFER)
      .requiredOption('--secret <file>', 'secret.key')
      .requiredOption('--data <file>', 'answers')
      .option('--passphrase-file <file>', 'that protects secret.key')
      .option('--json', 'one JSON object on one line')
      .addHelpText(
        'after',
        '\nWhat it prints is for you: its last digits tell the secret key to whoever has the ciphertexts.\n',
      )
      .action((options: DecryptOptions & DecryptWeightsOptions) =>
        isTask(options.offer) ? decryptWeights(options) : decryptAnswers(options),
      );
  },
};
