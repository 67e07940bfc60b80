import { nodePrimitives } from '@sumus/platform/node';
import { sameBytesSuite } from './same-bytes.contract.ts';

sameBytesSuite('Node', nodePrimitives);
