// Numbers with their nouns.

/** "1 epoch", "2 batches". */
export const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : noun.endsWith('h') && noun !== 'epoch' ? 'es' : 's'}`;
