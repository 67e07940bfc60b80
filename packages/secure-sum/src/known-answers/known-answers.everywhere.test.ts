import { loadWebPrimitives } from '@sumus/platform/web';
import { knownAnswerSuite } from './known-answers.contract.ts';

knownAnswerSuite('the web', () => loadWebPrimitives());
