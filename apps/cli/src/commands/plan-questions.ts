// What `sumus plan new` asks, in its order: a flag, a question, a default, and how an answer is read. On a terminal and on the command line
// the same reader refuses the same answers.
import { zooNames } from '@sumus/learning/model';
import { UsageError } from '../command.ts';

export interface Question {
  readonly flag: string;
  readonly help: string;
  readonly fallback: string;
  readonly choices?: readonly string[];
  /** Throws a UsageError that says what would be an answer. */
  readonly check: (answer: string) => void;
  /** Whether it makes sense to ask, given the answers so far. */
  readonly applies?: (answers: ReadonlyMap<string, string>) => boolean;
}

export const models: readonly string[] = zooNames;

const number =
  (least: number, most: number, isWhole: boolean) =>
  (answer: string): void => {
    const value = Number(answer);
    if (answer.trim() === '' || !(value >= least && value <= most) || (isWhole && !Number.isInteger(value))) {
      throw new UsageError(`${answer} is not a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}`);
    }
  };

const oneOf =
  (choices: readonly string[]) =>
  (answer: string): void => {
    if (!choices.includes(answer)) throw new UsageError(`${answer} is not one of ${choices.join(', ')}`);
  };

const choice = (flag: string, help: string, fallback: string, choices: readonly string[]): Question => ({
  flag,
  help,
  fallback,
  choices,
  check: oneOf(choices),
});

const anything = (): void => undefined;
const hasPrivacy = (answers: ReadonlyMap<string, string>): boolean => answers.get('epsilon') !== 'none';

/** Nothing is said about it. */
export const UNKNOWN = 'unknown';
const isOneRound = (answers: ReadonlyMap<string, string>): boolean => answers.get('schedule') === 'one-round';

export const questions: readonly Question[] = [
  {
    flag: 'name',
    help: 'of the run: small letters, digits, dots, dashes',
    fallback: 'run-1',
    check: (answer) => {
      if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(answer)) {
        throw new UsageError(`${answer} is not 1 to 64 small letters, digits, dots and dashes`);
      }
    },
  },
  { flag: 'purpose', help: 'why it is done, for people', fallback: 'To train one network together.', check: anything },
  choice('model', 'the network', 'mlp', models),
  choice('protection', 'how sums are made', 'mask', ['mask', 'one-shot', 'threshold', 'none']),
  // Mask has everybody in one round: it goes with the first and the last.
  choice('schedule', 'who trains when; one-round sums statistics once', 'synchronous', [
    'synchronous',
    'round-robin',
    'random-order',
    'asynchronous',
    'one-round',
  ]),
  choice('features', 'what the network is given; scattering is for images of 28 × 28', 'inputs', [
    'inputs',
    'scattering',
  ]),
  {
    flag: 'feature-count',
    help: 'how many scattering features',
    fallback: '512',
    check: number(1, 3969, true),
    applies: (answers) => answers.get('features') === 'scattering',
  },
  { flag: 'minimum', help: 'contributors of a sum, at least', fallback: '5', check: number(3, 2 ** 20, true) },
  { flag: 'maximum', help: 'contributors, at most', fallback: '30', check: number(3, 2 ** 20, true) },
  {
    flag: 'minimum-units',
    help: 'records that a contribution stands for, at least',
    fallback: '100',
    check: number(1, 2 ** 31 - 1, true),
  },
  {
    flag: 'records',
    help: 'records that a participant has, about; public; needed of one round, or "unknown"',
    fallback: UNKNOWN,
    check: (answer) => {
      if (answer !== UNKNOWN) number(1, 2 ** 31 - 1, true)(answer);
    },
    applies: (answers) => isOneRound(answers),
  },
  {
    flag: 'rounds',
    help: 'rounds, at most',
    fallback: '60',
    check: number(1, 10 ** 6, true),
    applies: (answers) => !isOneRound(answers),
  },
  {
    flag: 'epsilon',
    help: 'differential privacy: the ε at the end, or "none"',
    fallback: 'none',
    check: (answer) => {
      if (answer !== 'none') number(0.01, 1e6, false)(answer);
    },
  },
  {
    flag: 'delta',
    help: 'chance with which ε may fail',
    fallback: '1e-6',
    check: number(1e-15, 1e-3, false),
    applies: hasPrivacy,
  },
  { ...choice('unit', 'whose presence is hidden', 'record', ['record', 'participant']), applies: hasPrivacy },
  {
    flag: 'reason',
    help: 'why nothing is protected, where nothing is',
    fallback: 'no reason was given when this plan was written',
    check: (answer) => {
      if (!/\S+\s+\S+/.test(answer) || answer.length < 12)
        throw new UsageError(`"${answer}" is no reason: write a sentence`);
    },
    applies: (answers) => answers.get('protection') === 'none' || !hasPrivacy(answers),
  },
  {
    flag: 'upload-fraction',
    help: 'share of an update that leaves, in (0, 1]',
    fallback: '1',
    check: number(1e-6, 1, false),
  },
  {
    flag: 'record-clip',
    help: "with an ε for records: the L2 norm that a record's gradient is clipped to",
    fallback: '1',
    check: number(1e-6, 1e6, false),
    applies: (answers) => hasPrivacy(answers) && answers.get('unit') === 'record' && !isOneRound(answers),
  },
  { flag: 'batch-size', help: 'records of a batch', fallback: '32', check: number(1, 2 ** 24, true) },
  { flag: 'learning-rate', help: 'of the local steps', fallback: '0.05', check: number(1e-9, 1e4, false) },
  { flag: 'seed', help: 'of the first weights; public', fallback: '1', check: number(0, 2 ** 32 - 1, true) },
  { flag: 'days', help: 'until the run ends', fallback: '30', check: number(1, 3650, true) },
  {
    flag: 'authority',
    help: 'Ed25519 key that signs invitations (hex), or "none" for anybody',
    fallback: 'none',
    check: (answer) => {
      if (answer !== 'none' && !/^[0-9a-f]{64}$/.test(answer)) {
        throw new UsageError(`${answer} is not 64 hexadecimal digits, nor "none"`);
      }
    },
  },
];
