// English, the inversion lab.
const percent = (share: number): string => `${(100 * share).toFixed(share > 0 && share < 0.095 ? 1 : 0)} %`;

export const lab = {
  lead: 'An update is not a picture, and yet pictures can be read out of it. Here real attacks run against the same pictures in six settings, in this browser. Nothing is sent to anybody.',
  pictures: {
    title: 'Whose pictures',
    digits: 'Digits that came with this page. Each attack gets the same ones, and the same first weights.',
    own: 'Your picture stands first. It is cut to a square of 28 × 28 grey pixels, stays in this page, and is forgotten with it.',
    choose: 'Take a picture of mine',
    back: 'Digits again',
    unreadable: 'This browser cannot read that picture.',
    first: (place: number): string => `Picture ${place}`,
  },
  run: 'Attack',
  runAll: 'Run all four attacks',
  stop: 'Stop',
  working: (done: number, of: number): string => `Setting ${done} of ${of}`,
  seed: 'Seed of weights and noise',
  overview: {
    title: 'What came out, exactly',
    caption:
      'Share of all pictures in the view that were recovered within a thousandth a pixel (imprinting: two). Searches seldom get so near: their SSIM is below.',
    attack: 'Attack',
    none: '–',
  },
  attacks: {
    quotients: {
      title: 'A server that looks: quotients',
      text: 'Divides the first layer’s weight gradients by its bias gradients. No search, no guess: where one picture alone fired a neuron, that picture comes out.',
    },
    deepLeakage: {
      title: 'A server that searches: deep leakage',
      text: 'Starts from noise and changes it until it has the same gradient (DLG with iDLG’s labels), 200 steps.',
    },
    cosine: {
      title: 'A server that searches: cosine and total variation',
      text: 'Compares directions instead of lengths, and prefers smooth pictures; it needs no smooth network. 400 steps.',
    },
    imprint: {
      title: 'A server that chooses the first weights: imprinting',
      text: 'Every neuron asks the same question with another threshold, and differences of neighbours are pictures. Large batches do not help against it; first weights by a seed do.',
    },
  },
  settings: {
    one: 'One picture',
    eight: 'Batch of 8',
    hundred: 'Batch of 100',
    sealed: 'One, sealed',
    sum: 'Sum of 10 × 8',
    noise: 'One, with noise',
  },
  about: {
    one: 'the gradient of a single example',
    eight: 'one aggregated gradient',
    hundred: 'one aggregated gradient',
    sealed: 'the same update as it is sent: words under a mask',
    sum: 'what a secure sum over ten participants opens',
    noise: 'clipped to norm 1, Gaussian noise of multiplier 1',
  },
  cell: {
    waiting: 'Not attacked yet',
    result: (exact: number, pictures: number, ssim: number): string =>
      `${percent(exact)} of ${pictures} exactly · SSIM ${ssim.toFixed(2)}`,
    truth: (place: number): string => `Original ${place}`,
    found: (place: number, ssim: number): string => `Recovered ${place}, SSIM ${ssim.toFixed(2)}`,
    nothing: (place: number): string => `Nothing was found of ${place}`,
    above: 'Above the originals, below what the attack recovered.',
  },
  promise:
    'SSIM: 1 is the same picture, 0 has nothing of it. That these attacks find nothing in a view is no promise about better ones; what bounds any attack is noise, by its ε.',
  membership: {
    title: 'Was this person among them?',
    text: 'Sixteen small models, each trained on half of 200 digits; each is then asked, by what all the others say, which half it has seen (LiRA). What counts is how many members are found while hardly anybody is accused falsely.',
    run: 'Attack models without and with noise',
    setting: 'Training',
    plain: 'without privacy',
    noisy: (epsilon: string, delta: number): string => `DP-SGD, ε ≤ ${epsilon} at δ = ${delta}`,
    at: (rate: number): string => `Found at ${percent(rate)} falsely accused`,
    area: 'Area under the curve',
    accuracy: 'Right: seen, unseen',
    note: 'Chance finds as many members as it accuses falsely, and has an area of 0.5.',
  },
  insider: {
    title: 'A participant that wants to see a class it does not have',
    text: 'Five participants train together. One holds all pictures of one class; the insider has none and builds a generator against the model that everybody gets (Hitaj, Ateniese and Perez-Cruz 2017). Every update is masked: only sums are opened. It works all the same, because the insider needs the model and nothing else.',
    target: 'Class that only the victim has',
    run: 'Run it without and with noise',
    plain: 'Masked sums alone',
    noisy: 'Masked sums, with noise on whole participants (multiplier 1)',
    real: (place: number): string => `Real picture ${place} of the victim’s class`,
    made: (place: number): string => `Picture ${place} made by the insider`,
    result: (nearest: number, target: number, correlation: number): string =>
      `Most like class ${nearest}; correlation with the victim’s class ${target}: ${correlation.toFixed(2)}`,
    accuracy: (target: number, other: number): string =>
      `The model is right of ${percent(target)} of the victim’s class, ${percent(other)} of the others.`,
    note: 'Encryption does not stop an insider, and noise on single records does not either. Noise on what each participant contributes as a whole does, at a price that only many participants can pay: with five the model is lost, too.',
  },
  percent: (share: number): string => percent(share),
} as const;
