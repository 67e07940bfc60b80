import { loadWebPrimitives } from '@sumus/platform/web';
import { sameSumSuite } from './same-sum.contract.ts';

sameSumSuite('the web', () => loadWebPrimitives());
