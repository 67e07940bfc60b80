// npm run simulate-fault -- --seed N [--to M] [--protection NAME] [--verbose]: plays a schedule of faults (or all from N to M) and says what
// came of it. Exit code 1 where anything did not come out well, 2 where nobody can tell what is meant.
import { nodePrimitives } from '@sumus/platform/node';
import { play, playedText } from './play.ts';
import type { Protected } from './small-world.ts';

function optionOf(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(`--${name}`);
  return at < 0 ? undefined : words[at + 1];
}

const words = process.argv.slice(2);
const from = Number(optionOf(words, 'seed'));
const to = Number(optionOf(words, 'to') ?? from);
const named = optionOf(words, 'protection');
const protection = (['mask', 'one-shot', 'none'] as const).find((one) => one === named);

if (!Number.isSafeInteger(from) || from < 0 || !(to >= from) || (named !== undefined && protection === undefined)) {
  process.stderr.write('simulate-fault --seed N [--to M] [--protection mask|one-shot|none] [--verbose]\n');
  process.exitCode = 2;
} else {
  process.exitCode = (await all(protection)) ? 0 : 1;
}

async function all(asked: Protected | undefined): Promise<boolean> {
  const isVerbose = words.includes('--verbose');
  let bad = 0;
  for (let seed = from; seed <= to; seed++) {
    const played = await play(nodePrimitives(), seed, {
      ...(asked === undefined ? {} : { protection: asked }),
      ...(isVerbose ? { watch: (happening) => void process.stdout.write(`${JSON.stringify(happening)}\n`) } : {}),
    });
    for (const line of playedText(played)) process.stdout.write(`${line}\n`);
    if (played.verdict.problems.length > 0) bad += 1;
  }
  if (to > from) process.stdout.write(`${to - from + 1} schedules, ${bad} with problems\n`);
  return bad === 0;
}
