// Why a participant says no, told to both sides. The coordinator is told what would have to change in the plan; what the participant has
// spent before, which data it holds and what it has seen is not in it.

export type RefusalCode =
  | 'not-signed-by-anybody-trusted'
  | 'identities-not-vouched-for'
  | 'too-few-contributors'
  | 'too-many-corrupt'
  | 'too-few-units'
  | 'rows-are-not-people'
  | 'protection-not-allowed'
  | 'opened-too-widely'
  | 'release-per-turn'
  | 'data-set-not-allowed'
  | 'no-privacy'
  | 'another-unit'
  | 'budget-overrun'
  | 'too-many-parameters'
  | 'layer-not-allowed'
  | 'metric-not-allowed'
  | 'metric-too-fine'
  | 'columns-without-noise'
  | 'too-many-bytes'
  | 'run-has-ended'
  | 'outside-hours'
  | 'too-many-rounds-a-day'
  | 'away-when-founded';

export interface Refusal {
  readonly code: RefusalCode;
  /** Of the plan. */
  readonly path: string;
  readonly toParticipant: string;
  readonly toCoordinator: string;
}

/** One sentence for both, where there is nothing to keep back. */
export const open = (code: RefusalCode, path: string, sentence: string): Refusal =>
  Object.freeze({ code, path, toParticipant: sentence, toCoordinator: sentence });

export const when = (condition: boolean, refusal: () => Refusal): readonly Refusal[] => (condition ? [refusal()] : []);
