// What the lab's page and its worker say to each other.
import type { AttackName } from '@sumus/attacks/trial';
import type { SettingName } from './settings.ts';

export type LabRequest =
  | { readonly kind: 'digits' }
  | {
      readonly kind: 'trial';
      readonly attack: AttackName;
      readonly setting: SettingName;
      readonly seed: number;
      /** A picture of one's own, which is attacked first; null where digits do. */
      readonly own: Float32Array<ArrayBuffer> | null;
    }
  | { readonly kind: 'membership'; readonly noise: boolean }
  | { readonly kind: 'insider'; readonly noise: boolean; readonly target: number };

export interface LabAsked {
  readonly number: number;
  /** Where digits.png lies. */
  readonly digits: string;
  readonly request: LabRequest;
}

export interface ShownPair {
  readonly truth: Float32Array<ArrayBuffer>;
  /** Undefined where the attack found nothing at all. */
  readonly found: Float32Array<ArrayBuffer> | undefined;
  readonly ssim: number;
  readonly isExact: boolean;
}

export interface TrialShown {
  readonly kind: 'trial';
  readonly pictures: number;
  readonly exactShare: number;
  readonly meanSsim: number;
  readonly pairs: readonly ShownPair[];
}

export interface MembershipShown {
  readonly kind: 'membership';
  readonly rates: readonly { readonly falsePositiveRate: number; readonly truePositiveRate: number }[];
  readonly areaUnderRates: number;
  readonly seenAccuracy: number;
  readonly unseenAccuracy: number;
  /** Undefined without noise: nothing is promised. */
  readonly epsilon: number | undefined;
  readonly delta: number;
}

export interface InsiderShown {
  readonly kind: 'insider';
  readonly real: readonly Float32Array<ArrayBuffer>[];
  readonly made: readonly Float32Array<ArrayBuffer>[];
  readonly nearestClass: number;
  readonly correlation: number;
  readonly targetAccuracy: number;
  readonly otherAccuracy: number;
}

export interface DigitsShown {
  readonly kind: 'digits';
  readonly first: readonly Float32Array<ArrayBuffer>[];
}

export type LabAnswer = TrialShown | MembershipShown | InsiderShown | DigitsShown;

export type LabAnswered =
  | { readonly number: number; readonly progress: number }
  | { readonly number: number; readonly answer: LabAnswer }
  | { readonly number: number; readonly refused: string };
