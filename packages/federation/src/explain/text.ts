// An explanation as text for a terminal or a letter.

import type { Explanation } from './explain.ts';

export function explanationText({
  run,
  server,
  participants,
  collusion,
  privacy,
  bytes,
  warnings,
}: Explanation): string {
  const section = (title: string, sentences: readonly string[]): string =>
    [title, ...sentences.map((sentence) => `  ${sentence}`)].join('\n');
  return [
    section('What is done', run),
    section('The server learns', server),
    section('The other participants learn', participants),
    section('Together', collusion),
    section('Privacy at the end', privacy.sentences),
    section('Bytes a participant and round', [`up ${bytes.up} (${bytes.by}), down ${bytes.down}`]),
    section('Before you say yes', warnings),
  ].join('\n\n');
}
