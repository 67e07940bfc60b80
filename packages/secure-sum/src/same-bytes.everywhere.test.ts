import { loadWebPrimitives } from '@sumus/platform/web';
import { sameBytesSuite } from './same-bytes.contract.ts';

sameBytesSuite('the web', () => loadWebPrimitives());
