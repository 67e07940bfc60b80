// The two messages of a participant that no protocol of secure-sum has: words without protection, and that it has nothing to add.

import type { MessageKind } from '@sumus/secure-sum/messages';

/** Body: the words, lowest byte first. */
export const CLEAR_WORDS: MessageKind = Object.freeze({ phase: 1, type: 'sum/words' });
/** Without a body: nobody else may say it for the sender. */
export const ABSTAIN: MessageKind = Object.freeze({ phase: 1, type: 'sum/abstain' });
