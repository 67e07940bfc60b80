// English, the page of a participant. What the plan, the policy and the protocol say of themselves comes from where they are computed.
import type { Unfit } from '../../participant/data/examples.ts';

const bytes = (count: number): string =>
  count < 1000 ? `${count} bytes` : count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`;
const plural = (count: number, one: string): string => `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`;

export const join = {
  lead: 'Train with others on data that stay in this browser. What leaves is one aggregate a round, which nobody reads but as a part of a sum.',
  opening: 'Reading the invitation…',
  link: {
    title: 'An invitation',
    text: 'Whoever runs the training sends you a link, or shows it as a QR code. Open it, or paste it here. The part behind the # is a secret of yours: your browser sends it to nobody.',
    label: 'Invitation',
    open: 'Look at it',
    other: 'Another invitation',
    busy: 'This browser is taking part already: pause or leave first, then open the other invitation.',
  },
  unreachable: (why: string): string => `The server cannot be reached; trying again. ${why}`,
  run: {
    title: 'What will run',
    facts: { member: 'You are', run: 'Run', server: 'Server', rounds: 'At most', until: 'Invitation holds until' },
    rounds: (count: number): string => plural(count, 'round'),
    spent: 'This invitation has been used. If that was not you, ask for another.',
    keys: 'Keys that the invitation pins',
    key: { own: 'Your own key', coordinator: 'Coordinator', owner: 'Owner of the plan', plan: 'Plan' },
    keyNote:
      'Your key was made in this browser and cannot be read out of it, by this page either. Compare the others with what you were told.',
  },
  leaves: {
    title: 'What will leave this device',
    what: 'What',
    bytes: 'Bytes a round, at most',
    numbers: 'Numbers',
    reader: 'Who could read yours',
    unknown: 'depends on the others',
    bytesOf: (count: number): string => bytes(count),
    never:
      'Rows, pictures, labels and gradients of single examples never leave: the worker that has your data hands on one aggregate a round, and nothing else.',
  },
  cost: {
    title: 'What it costs in privacy',
    bound: (epsilon: string, delta: number): string => `ε ≤ ${epsilon} at δ = ${delta}`,
    none: 'No bound',
  },
  learns: {
    title: 'Who learns what',
    server: 'The server',
    participants: 'The other participants',
    collusion: 'Together',
    warnings: 'Before you say yes',
    refused: 'This browser’s policy refuses the plan:',
  },
  data: {
    title: 'Your data',
    needs: (count: number, unit: string, shape: string): string =>
      `The plan wants at least ${count} ${unit}, ${shape}.`,
    text: 'A CSV, a folder of pictures (each in a folder named for its class), or the digits that come with this page. They are read by this browser alone.',
    drop: 'Drop a file or a folder here',
    file: 'Choose a file',
    folder: 'Choose a folder of pictures',
    digits: 'Use the built-in digits',
    digitsCount: 'How many digits',
    digitsNote:
      'A random part of 3,000 digits of MNIST. Each counts as one person’s, which is a fiction; others may have the same ones.',
    reading: (files: number): string => (files === 0 ? 'Reading…' : `${plural(files, 'picture')} read…`),
    taken: (name: string, count: number): string => `${name}: ${plural(count, 'example')}`,
    people: (count: number): string => `of ${plural(count, 'person').replace('persons', 'people')}`,
    leftOut: (count: number): string =>
      `${plural(count, 'row')} left out: without an answer that the plan knows, or unreadable.`,
    perClass: 'Examples of each class',
    kept: 'Kept sealed in this browser, so that the training goes on after a reload.',
    notKept: 'Too large to keep: after a reload this page asks for them again.',
    preview: (place: number): string => `Example ${place}`,
    otherData: 'Choose other data',
  },
  mapping: {
    title: 'How the table is read',
    caption: 'The first rows',
    answer: 'What is to be predicted',
    person: 'Whose row it is',
    nobody: 'no column says',
    scaling: 'Numbers',
    scalings: {
      standardise: 'standardised, by your own means',
      'divide by 255': 'divided by 255',
      'as they are': 'as they are',
    },
    looked: 'Columns that are looked at',
    planned:
      'The plan says which columns are taken and how they become numbers; means and deviations come from a secure sum, not from you alone.',
    column: (type: string, missing: number): string => (missing === 0 ? type : `${type}, ${missing} missing`),
  },
  unfit: (why: Unfit): string => {
    switch (why.kind) {
      case 'no rows':
        return 'There is no row with an answer in it.';
      case 'wrong width':
        return `Each example has ${why.found} numbers, and the plan takes ${why.needed}. Leave columns out, or choose other data.`;
      case 'too many classes':
        return `There are ${why.found} different answers, and the plan tells ${why.needed} apart.`;
      case 'no people named':
        return 'The plan counts people: name the column that says whose row it is.';
      case 'too few':
        return `These are ${why.found} ${why.countedIn}; the plan wants at least ${why.needed}, so that no contribution stands for fewer.`;
      case 'column missing':
        return `There is no column ${why.column}.`;
      case 'column of another type':
        return `The column ${why.column} is no ${why.needed}, which the plan needs.`;
      case 'no pictures taken':
        return 'This plan takes no pictures of that kind.';
      case 'no classes':
        return 'This plan predicts numbers, which this page has no data for: use “sumus join”.';
      default:
        return why satisfies never;
    }
  },
  consent: {
    title: 'Your decision',
    yes: 'I have read what will run, what will leave and what it costs, and these data are mine to use for it.',
    begin: 'Take part',
    needsData: 'Choose data first.',
    battery: 'The battery is low and the device is not charging: training would empty it.',
    savesData: (up: string): string => `This device saves data, and a round sends up to ${up}.`,
    insist: 'Take part all the same',
  },
  status: {
    title: 'Taking part',
    paused: 'Paused',
    ended: 'The end',
    waiting: 'Waiting for the owner to confirm your invitation. Keep this page open.',
    standing: {
      outside: 'Not a member yet',
      asking: 'Asking to be a member',
      accepted: 'A member of the run',
      declined: 'Declined',
      left: 'Left',
      over: 'Over',
    },
    round: (round: number, members: number): string => `Round ${round}, with ${members} members`,
    follows: 'following, not contributing in this one',
    phase: (phase: string): string => `Phase: ${phase}`,
    training: (epoch: number, epochs: number): string => `Training, epoch ${epoch} of ${epochs}`,
    loss: (loss: number): string => `loss ${loss.toFixed(4)}`,
    sent: (type: string, sent: string, all: string): string => `Sent of “${type}”: ${sent} of ${all}`,
    facts: { models: 'Models opened', contributed: 'With your contribution', receipts: 'Receipts' },
    idle: 'Waiting for the others.',
    pause: 'Pause',
    resume: 'Go on',
    pausedText:
      'Nothing is sent or trained. The run goes on without you; go on whenever you like, from here or after the page was closed.',
    leave: 'Leave the run',
    leaveQuestion: 'Leave for good? What you contributed stays in the sums that were opened; nothing more is sent.',
    leaveYes: 'Leave for good',
    leaveNo: 'Stay',
    leaveReason: 'The participant left by its page.',
    notes: 'What was noted',
    keepOpen: 'Keep this page open. If it is closed, or the device sleeps, open it again: it goes on where it stood.',
    how: {
      'run over': 'The run is over.',
      'ended before': 'The run was over already.',
      left: 'You left the run.',
      declined: 'This browser’s policy declined the plan.',
      'turned away': 'The server does not take this participant.',
      paused: 'Paused',
    },
  },
  papers: {
    title: 'Your receipts',
    text: 'Your ledger says what left this device, what it cost and which sums it went into; each receipt proves that a published sum has your contribution in it. “sumus ledger verify” checks both, on any machine.',
    ledger: 'Download the ledger',
    receipts: 'Download the receipts',
    none: 'Nothing has left yet.',
  },
  trust: {
    title: 'Whom you trust here',
    text: 'This page came from the server that you will take part with. Its rules keep it from talking to anybody else, but a server that wanted to could serve you another page. Two ways not to trust it with that:',
    served:
      'This page came from another host than the server that you will take part with. That host answers for these files; its rules keep the page from talking to anybody but itself and that server. Two ways not to trust it with that:',
    ways: [
      'Take part with “sumus join”, from your own machine: the same code, from where you install it.',
      'Serve this build yourself with “sumus page”, or compare it: the same sources give the same files, and files.json lists their hashes.',
    ],
    page: 'Hashes of this page',
  },
} as const;
