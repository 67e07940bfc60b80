// The list: what a reviewer asks a system for (papers of data-protection practice; docs/evidence.md), in its order. Each has a maker.

import { reassessment, reproducibility } from './artefacts/again.ts';
import { membershipInference, modelInversion, reconstruction, utility } from './artefacts/attacks-and-utility.ts';
import { billOfMaterials, keyCeremony, sideChannels } from './artefacts/cryptography.ts';
import { dataFlow, threatModel } from './artefacts/flows-and-threats.ts';
import { logOfRounds, noPlaintextPath } from './artefacts/log-and-path.ts';
import { minimisation, robustness } from './artefacts/minimisation.ts';
import { dataSubjects, incidents, transfersAndProcessors } from './artefacts/people.ts';
import { counterExamples, privacyAudit, privacyStatement } from './artefacts/privacy.ts';
import type { Making } from './subject.ts';

export const ARTEFACTS: readonly { readonly title: string; readonly make: Making }[] = [
  { title: 'Data flow, who holds which key or share, and who controls', make: dataFlow },
  { title: 'Threat model', make: threatModel },
  { title: 'Cryptographic bill of materials', make: billOfMaterials },
  { title: 'Key ceremony', make: keyCeremony },
  { title: 'That no single party sees an update', make: noPlaintextPath },
  { title: 'Signed log of every round', make: logOfRounds },
  { title: 'Differential-privacy statement', make: privacyStatement },
  { title: 'Search for a counter-example to the sensitivity', make: counterExamples },
  { title: 'Empirical audit of differential privacy', make: privacyAudit },
  { title: 'Membership inference', make: membershipInference },
  { title: 'Reconstruction of records', make: reconstruction },
  { title: 'Model inversion and GAN insider, residual risk', make: modelInversion },
  { title: 'Utility, and for whom', make: utility },
  { title: 'Minimisation', make: minimisation },
  { title: 'Robustness', make: robustness },
  { title: 'Side channels', make: sideChannels },
  { title: 'Rights of data subjects', make: dataSubjects },
  { title: 'Transfers and processors', make: transfersAndProcessors },
  { title: 'Incidents', make: incidents },
  { title: 'Reproducibility', make: reproducibility },
  { title: 'Triggers of re-assessment', make: reassessment },
];
