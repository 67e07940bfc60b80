import { loadWebPrimitives } from '@sumus/platform/web';
import { sameEpochSuite } from './same-epoch.contract.ts';

sameEpochSuite('the web', () => loadWebPrimitives());
