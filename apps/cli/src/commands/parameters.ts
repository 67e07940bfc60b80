// sumus parameters: the encryption parameters this version uses, with what security they count on, and how large a sum would be.
import {
  fewestByteIntegerParameters,
  type IntegerParameters,
  ParameterError,
  vectorBytes,
} from '@sumus/lattice/integers';
import { CKKS_PRESETS, type CkksPresetName, ckksPreset, securityLimitBits } from '@sumus/lattice/parameters';
import { type Command, InvalidArgumentError } from 'commander';
import { type SumusCommand, UsageError } from '../command.ts';
import { printColumns, printJson } from '../print.ts';

export const parameters: SumusCommand = {
  declare(program: Command): void {
    const group = program
      .command('parameters')
      .description('show encryption parameters and the security they count on');
    group
      .command('learning', { isDefault: true })
      .description('the CKKS sets for encrypted learning (the default)')
      .option('--json', 'one JSON object instead of a table')
      .action((options: { json?: true }) => showLearning(options));
    group
      .command('sums')
      .description('the exact set that sends vectors of these numbers in the fewest bytes')
      .requiredOption('--values <count>', 'numbers per vector', wholeNumber(1))
      .requiredOption('--parties <count>', 'vectors in a sum, at most', wholeNumber(1))
      .option('--value-bits <bits>', 'bits of one number, sign included', wholeNumber(1), 16)
      .option('--unsigned', 'numbers from 0 up instead of signed ones')
      .option('--json', 'one JSON object instead of a table')
      .action((options: SumOptions) => showSums(options));
  },
};

interface SumOptions {
  readonly values: number;
  readonly parties: number;
  readonly valueBits: number;
  readonly unsigned?: true;
  readonly json?: true;
}

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`It must be a whole number from ${least}.`);
    }
    return value;
  };
}

function presetNames(): CkksPresetName[] {
  return Object.keys(CKKS_PRESETS).filter((name): name is CkksPresetName => Object.hasOwn(CKKS_PRESETS, name));
}

function showLearning(options: { json?: true }): void {
  const sets = presetNames().map((name) => {
    const set = ckksPreset(name);
    return {
      name,
      degree: set.degree,
      slots: set.slots,
      levels: set.topLevel,
      limbsPerLevel: set.limbsPerLevel,
      scaleBits: set.scaleBits,
      keySwitchingDigits: set.digits.length,
      dataPrimes: set.dataPrimes,
      specialPrimes: set.special,
      modulusBits: set.modulusBits,
      limitBits: securityLimitBits(set.degree),
    };
  });
  if (options.json) {
    printJson({ security: '128-bit classical, ternary secret (IACR eprint 2024/463, table 5.2)', sets });
    return;
  }
  printColumns([
    ['set', 'N', 'slots', 'levels', 'scale', 'digits', 'primes', 'bits', 'of at most'],
    ...sets.map((set) => [
      set.name,
      String(set.degree),
      String(set.slots),
      `${set.levels} × ${set.limbsPerLevel}`,
      `2^${set.scaleBits}`,
      String(set.keySwitchingDigits),
      `${set.dataPrimes.length} + ${set.specialPrimes.length}`,
      set.modulusBits.toFixed(2),
      String(set.limitBits),
    ]),
  ]);
  process.stdout.write(
    'Special primes are counted; the limits are for 128-bit classical security with a ternary secret.\n',
  );
}

function showSums(options: SumOptions): void {
  const choose = (key: 'public' | 'symmetric'): IntegerParameters =>
    fewestByteIntegerParameters({
      valueCount: options.values,
      valueBits: options.valueBits,
      signed: options.unsigned !== true,
      additions: options.parties,
      key,
    });
  let set: IntegerParameters;
  try {
    set = choose('public');
  } catch (cause) {
    if (cause instanceof ParameterError) throw new UsageError(cause.message, { cause });
    throw cause;
  }
  const bytes = vectorBytes(set, options.values);
  const answer = {
    degree: set.degree,
    primes: set.primes,
    modulusBits: set.modulusBits,
    limitBits: securityLimitBits(set.degree),
    valuesPerCiphertext: set.valuesPerCiphertext,
    lowest: set.lowest,
    highest: set.highest,
    ciphertexts: Math.ceil(options.values / set.valuesPerCiphertext),
    bytesPerVector: bytes,
    bytesPerValue: bytes / options.values,
    failureLog2: set.failureLog2,
  };
  if (options.json) {
    printJson(answer);
    return;
  }
  printColumns([
    ['N', String(answer.degree)],
    ['modulus', `${answer.modulusBits.toFixed(2)} of at most ${answer.limitBits} bits, ${answer.primes.length} primes`],
    ['numbers', `from ${answer.lowest} to ${answer.highest}, ${answer.valuesPerCiphertext} per ciphertext`],
    ['one vector', `${answer.ciphertexts} ciphertexts, ${bytes} bytes: ${answer.bytesPerValue.toFixed(2)} per number`],
    ['decryption', `fails with probability below 2^${Math.ceil(answer.failureLog2)}, and is then refused`],
  ]);
  process.stdout.write(
    'Under a key that several parties share, the flooding of their answers needs more bits than this.\n',
  );
}
