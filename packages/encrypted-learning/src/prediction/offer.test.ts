import { describe, expect, it } from 'vitest';
import { clearExecutor, inputsFrom } from '../execute/index.ts';
import { planFor } from '../parameters/index.ts';
import { boundedNetwork } from './bounded-network.ts';
import { offeredInputs, offeredOutputs, offeredParameters, offerText, parseOffer, predictionOffer } from './offer.ts';
import { evaluateNetwork, polynomialNetwork } from './polynomial-network.ts';
import { packExamples } from './slots-are-examples.ts';
import { packOneExample } from './slots-are-features.ts';
import { CONVOLUTIONAL, numbers, weightsOf } from './small-models.contract.ts';

const network = boundedNetwork(polynomialNetwork(CONVOLUTIONAL, weightsOf(CONVOLUTIONAL, 2)));
const byExamples = planFor((slots) => packExamples(network, { slots }).circuit);
const examplesPacking = { ...packExamples(network, { slots: 8 }), circuit: byExamples.circuit };
const featuresPacking = packOneExample(network);
const byFeatures = planFor(featuresPacking.circuit);
const offers = [
  ['examples', predictionOffer(byExamples, examplesPacking), byExamples, 3],
  ['features', predictionOffer(byFeatures, featuresPacking), byFeatures, 1],
] as const;

describe.each(offers)('an offer, slots are %s', (_, made, plan, count) => {
  const offer = parseOffer(offerText(made));

  it('comes back from its text, and names the parameters of the plan', () => {
    expect(offer).toEqual(made);
    expect(offerText(offer)).toBe(offerText(made));
    expect(offeredParameters(offer).description).toBe(plan.parameters.description);
    expect(Math.max(...plan.levels)).toBe(offer.level);
  });

  it('is all that somebody needs to encrypt and to read the answers', async () => {
    const examples = numbers(count * network.inputs, 4);
    const opened = await clearExecutor(plan.circuit).run(inputsFrom(new Map(offeredInputs(offer, examples))));
    const outputs = offeredOutputs(offer, opened, count);
    for (let i = 0; i < count; i++) {
      const example = examples.subarray(i * network.inputs, (i + 1) * network.inputs);
      evaluateNetwork(network, example).forEach((y, o) => {
        expect(outputs[i * network.outputs + o]).toBeCloseTo(y * network.outputFactor, 8);
      });
    }
  });

  it('holds no weight', () => {
    const text = offerText(made);
    for (const stage of network.stages) {
      if (stage.kind !== 'affine') continue;
      for (const weight of stage.map.weights) expect(text).not.toContain(String(weight));
    }
  });

  it('numbers beyond its bound are refused by place', () => {
    const examples = numbers(count * network.inputs, 4);
    examples[7] = 1.5;
    expect(() => [...offeredInputs(offer, examples)]).toThrow(/input 7 of example 0/);
    examples[7] = Number.NaN;
    expect(() => [...offeredInputs(offer, examples)]).toThrow(/input 7 of example 0/);
  });

  it.each([
    ['', /JSON/],
    ['null', /no object/],
    ['{}', /format/],
    [offerText(made).replace('prediction 1', 'prediction 2'), /format/],
    [offerText(made).replace('"outputs":3', '"outputs":3e9'), /outputs/],
    [offerText(made).replace(/"slots":\d+/, '"slots":12'), /12 slots/],
    [offerText(made).replace(/"outputFactor":[^,]+/, '"outputFactor":null'), /outputFactor/],
    [offerText(made).replace(/"rotations":\[[^\]]*\]/, '"rotations":[1,1]'), /rotations/],
    [offerText(made).replace(/"kind":"\w+"/, '"kind":"other"'), /other/],
  ])('text that is none is refused: case %#', (text, reason) => {
    expect(() => parseOffer(text)).toThrow(reason);
  });

  it('parameters that are not secure are refused, whoever offers them', () => {
    const weak = parseOffer(
      offerText(made)
        .replace(/"degree":\d+/, '"degree":8192')
        .replace(/"slots":\d+/, '"slots":1024')
        .replace(/"levels":\d+/, '"levels":9')
        .replace(/"level":\d+/, '"level":9'),
    );
    expect(() => offeredParameters(weak)).toThrow(/214/);
  });
});
