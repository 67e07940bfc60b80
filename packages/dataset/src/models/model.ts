// The privacy models, as data. Each says what every class of rows that agree in all quasi-identifiers must satisfy.
// Literal options go in, `checkedModel` throws on what cannot be meant; class-tests.ts says what they compute.
import { ParameterError } from '../errors.ts';

export type TClosenessDistance = 'equal' | 'ordered' | 'hierarchical';

export type PrivacyModel =
  /** Every class has at least k rows (Samarati and Sweeney 1998). */
  | { readonly kind: 'k-anonymity'; readonly k: number }
  /** Every class stands for at least k members of a population, which is handed in (Sweeney 2002). */
  | { readonly kind: 'k-map'; readonly k: number }
  /** Of the members of a population in a class, a part in [least, most] is in the table (Nergiz, Atzori, Clifton 2007). */
  | { readonly kind: 'delta-presence'; readonly least: number; readonly most: number }
  /** At least l different sensitive values in every class (Machanavajjhala et al. 2007). */
  | { readonly kind: 'distinct-l-diversity'; readonly attribute: string; readonly l: number }
  /** The entropy of the sensitive values of every class is at least ln l; l need not be whole. */
  | { readonly kind: 'entropy-l-diversity'; readonly attribute: string; readonly l: number }
  /** The most frequent value is rarer than c times all but the l − 1 most frequent together. */
  | { readonly kind: 'recursive-cl-diversity'; readonly attribute: string; readonly c: number; readonly l: number }
  /** The sensitive values of every class are at most t away from those of the whole table (Li, Li, Venkatasubramanian 2007). */
  | {
      readonly kind: 't-closeness';
      readonly attribute: string;
      readonly t: number;
      readonly distance: TClosenessDistance;
    }
  /**
   * In every class each sensitive value is less than 2^delta times as frequent or rare as in the whole table (Brickell and
   * Shmatikov 2008). `absent`: whether a value of the table that a class lacks counts, as in the paper ('violates'), or not,
   * as in ARX ('ignored').
   */
  | {
      readonly kind: 'delta-disclosure';
      readonly attribute: string;
      readonly delta: number;
      readonly absent: 'ignored' | 'violates';
    };

export type ModelKind = PrivacyModel['kind'];

/** The sensitive column a model is about, or undefined. */
export const attributeOf = (model: PrivacyModel): string | undefined =>
  'attribute' in model ? model.attribute : undefined;

/** As a person writes it: `5-anonymity`, `entropy 3-diversity of occupation`. */
export function nameOfModel(model: PrivacyModel): string {
  switch (model.kind) {
    case 'k-anonymity':
      return `${model.k}-anonymity`;
    case 'k-map':
      return `${model.k}-map`;
    case 'delta-presence':
      return `δ-presence in [${model.least}, ${model.most}]`;
    case 'distinct-l-diversity':
      return `distinct ${model.l}-diversity of ${model.attribute}`;
    case 'entropy-l-diversity':
      return `entropy ${model.l}-diversity of ${model.attribute}`;
    case 'recursive-cl-diversity':
      return `recursive (${model.c}, ${model.l})-diversity of ${model.attribute}`;
    case 't-closeness':
      return `${model.t}-closeness of ${model.attribute}, ${model.distance} distance`;
    case 'delta-disclosure':
      return `${model.delta}-disclosure privacy of ${model.attribute}${model.absent === 'ignored' ? '' : ', absent values too'}`;
    default:
      return model satisfies never;
  }
}

export function checkedModel(model: PrivacyModel): PrivacyModel {
  const name = nameOfModel(model);
  const need = (holds: boolean, what: string): void => {
    if (!holds) throw new ParameterError(`${name}: ${what}`);
  };
  switch (model.kind) {
    case 'k-anonymity':
    case 'k-map':
      need(Number.isSafeInteger(model.k) && model.k >= 1, 'k is a whole number from 1');
      break;
    case 'delta-presence':
      need(model.least >= 0 && model.least <= model.most && model.most <= 1, '0 ≤ least ≤ most ≤ 1');
      break;
    case 'distinct-l-diversity':
      need(Number.isSafeInteger(model.l) && model.l >= 1, 'l is a whole number from 1');
      break;
    case 'entropy-l-diversity':
      need(Number.isFinite(model.l) && model.l >= 1, 'l is a number from 1');
      break;
    case 'recursive-cl-diversity':
      need(Number.isSafeInteger(model.l) && model.l >= 1, 'l is a whole number from 1');
      need(Number.isFinite(model.c) && model.c > 0, 'c is a number above 0');
      break;
    case 't-closeness':
      need(model.t >= 0 && model.t <= 1, 't is in [0, 1]');
      break;
    case 'delta-disclosure':
      need(Number.isFinite(model.delta) && model.delta > 0, 'delta is a number above 0');
      break;
    default:
      model satisfies never;
  }
  return Object.freeze({ ...model });
}
