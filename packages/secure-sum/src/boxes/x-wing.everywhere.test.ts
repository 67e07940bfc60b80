import { loadWebPrimitives } from '@sumus/platform/web';
import { xWingSuite } from './x-wing.contract.ts';

xWingSuite('the web', () => loadWebPrimitives());
