// sumus attack: what somebody who wants to know gets, run on the user's own machine and pictures. By showing where attacks succeed it says what
// protects: neither aggregation nor encryption alone.
import { type Command, Option } from 'commander';
import type { SumusCommand } from '../command.ts';
import { attackInsider, type InsiderOptions } from './attack-insider.ts';
import { attackInvert, type InvertOptions } from './attack-invert.ts';
import { attackMembership, type MembershipOptions } from './attack-membership.ts';

const data = (command: Command): Command =>
  command.option('--data <folder>', 'IDX files of the MNIST family (default: the digits that come with sumus)');
const closing = (command: Command): Command =>
  command
    .option('--seed <number>', 'the same seed gives the same attack', '1')
    .option('--json', 'one JSON object on one line');

export const attack: SumusCommand = {
  declare(program: Command): void {
    const group = program.command('attack').description('what a server, a reader of the model or an insider would get');
    closing(
      data(group.command('invert'))
        .description('pictures out of the gradient that a server sees, beside the originals')
        .argument('[pictures...]', 'PNG files to be attacked before all others, made grey and 28 × 28')
        .option('--attack <names>', 'quotients, imprint, deep-leakage, cosine, commas between, or all', 'quotients')
        .option('--seen <views>', 'update: in clear; sealed: as it is sent; sum: what is opened', 'update')
        .option('--batch <sizes>', "pictures of a participant's batch", '1')
        .option('--participants <count>', 'in a sum', '30')
        .option('--noise <multiplier>', 'Gaussian noise over the clipping norm, on clipped gradients')
        .option('--clip <norm>', 'where there is noise: what gradients are clipped to', '1')
        .option('--units <count>', 'of the first layer (default: 128; imprint: 1000)')
        .option('--steps <count>', 'of a search', '200')
        .option('--attempts <count>', 'of a search: starts from other noise', '1')
        .option('--guesses <count>', 'a search looks for at most so many pictures', '16')
        .option('-o, --out <folder>', 'where a PNG for every attack and view goes: originals above what was recovered'),
    )
      .addHelpText(
        'after',
        '\nExample:\n  sumus attack invert --attack all --seen update,sealed,sum --batch 1,8,100 --out pictures\n',
      )
      .action((pictures: string[], options: InvertOptions) => attackInvert(pictures, options));
    closing(
      data(group.command('membership'))
        .description('who was learnt from, told from a model: the share of members found at few false accusations')
        .option('--examples <count>', 'half of which each model learns from', '400')
        .option('--models <count>', 'each is attacked by all others', '16')
        .option('--steps <count>', 'of each training', '200')
        .option('--batch <size>', 'expected', '20')
        .option('--noise <multiplier>', 'train with DP-SGD: Gaussian noise over the clipping norm')
        .option('--clip <norm>', "where there is noise: what an example's gradient is clipped to", '1')
        .option('--delta <δ>', 'of the ε that is printed beside', '1e-5'),
    )
      .addHelpText('after', '\nExample:\n  sumus attack membership --noise 2\n')
      .action((options: MembershipOptions) => attackMembership(options));
    closing(
      data(group.command('insider'))
        .description('pictures of a class that only one other participant has, out of the model that all get')
        .option('--target <class>', 'the class that the insider wants to see', '3')
        .option('--decoy <class>', 'the class that it claims to own', '9')
        .option('--participants <count>', 'with the victim and the insider', '5')
        .option('--examples <count>', 'of each', '60')
        .option('--rounds <count>', 'of the run', '60')
        .addOption(
          new Option('--protection <name>', 'of updates on their way').choices(['masks', 'none']).default('masks'),
        )
        .option('--noise <multiplier>', 'participant-level noise over the clipping norm')
        .option('--clip <norm>', "where there is noise: what a participant's update is clipped to", '1')
        .option('-o, --out <folder>', 'where a PNG of what the insider has goes'),
    )
      .addHelpText('after', '\nExample:\n  sumus attack insider --target 3 --out pictures\n')
      .action((options: InsiderOptions) => attackInsider(options));
  },
};
