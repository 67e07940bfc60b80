// Gradients through real message ports, in Node and in a browser: the same bits as without them.

import { expect, it } from 'vitest';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { zoo } from '../model/zoo.ts';
import { Network } from '../network/network.ts';
import { seededGenerator } from '../random/generator.ts';
import { type TrainingOptions, train } from './train.ts';
import { type Endpoint, serveGradients, workerGradients } from './worker-gradients.ts';

const options: TrainingOptions = {
  loss: { kind: 'crossEntropy' },
  optimiser: { kind: 'sgd', learningRate: 0.05, momentum: 0.9 },
  epochs: 1,
  batchSize: 8,
  seed: 3,
};

function endpointOf(port: MessagePort): Endpoint {
  return {
    post: (message, transfer) => port.postMessage(message, [...transfer]),
    listen: (handler) => {
      port.onmessage = ({ data }) => handler(data);
    },
  };
}

it('gradients that come through message ports train to the same bits as local ones', async () => {
  const generator = seededGenerator(4);
  const data = {
    inputs: Float32Array.from({ length: 20 * 784 }, () => generator.float()),
    targets: Uint32Array.from({ length: 20 }, () => generator.below(10)),
  };
  const trained = async (portCount: number): Promise<Float32Array> => {
    const network = new Network(await wasmEngine(), zoo('phong-mlp'), { seed: 1, maxBatch: 4 });
    const channels = Array.from({ length: portCount }, () => new MessageChannel());
    for (const { port2 } of channels) serveGradients(endpointOf(port2), await wasmEngine());
    const source =
      portCount === 0
        ? {}
        : {
            source: workerGradients(
              channels.map(({ port1 }) => endpointOf(port1)),
              network,
              options.loss,
            ),
          };
    for await (const event of train(network, data, { ...options, ...source })) {
      if (event.kind === 'end') expect(event.reason).toBe('finished');
    }
    for (const { port1 } of channels) port1.close();
    return network.parameters.slice();
  };
  const local = await trained(0);
  expect(await trained(1)).toEqual(local);
  expect(await trained(2)).toEqual(local);
});
