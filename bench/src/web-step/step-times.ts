// What a page's measurement of a training step answers.
export const STEP_BATCH = 64;

export interface StepTimes {
  /** The fastest of the rounds, with the loss behind it. */
  readonly sumusMs: number;
  readonly tfjsMs: number;
  /** Of the losses before and after: both did the same. */
  readonly lossDifference: number;
  readonly isIsolated: boolean;
}
