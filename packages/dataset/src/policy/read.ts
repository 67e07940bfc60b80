// A policy out of a JSON value. Everything is checked here, once; what is not said gets the default; what is not known is refused
// with the path to it.
import { ParameterError } from '../errors.ts';
import { measureNames } from '../information-loss/measures.ts';
import { checkedModel, type PrivacyModel } from '../models/model.ts';
import type { Perturbation } from '../perturbation/perturbation.ts';
import { JsonObject } from './json-object.ts';
import {
  type ColumnPolicy,
  defaults,
  type HierarchyChoice,
  type Method,
  type Policy,
  roles,
  type Tails,
} from './policy.ts';

export function policyFromJson(value: unknown): Policy {
  const object = JsonObject.of(value, 'the policy');
  object.skip('$schema');
  object.oneOf('version', [1]);
  const listed = object.child('columns');
  const columns = Object.fromEntries(listed.names().map((name) => [name, columnPolicy(listed.child(name))]));
  listed.finish();
  const pseudonyms = object.optionalChild('pseudonyms');
  const policy: Policy = {
    version: 1,
    columns,
    otherColumns: object.oneOf('otherColumns', ['refuse', 'remove', 'keep'] as const, defaults.otherColumns),
    models: object.list('models').map(model),
    method: object.has('method') ? method(object.child('method')) : defaults.method,
    missing: object.oneOf('missing', ['drop-rows', 'drop-rows-in-use', 'keep'] as const, defaults.missing),
    suppressedRows: object.oneOf('suppressedRows', ['remove', 'mask'] as const, defaults.suppressedRows),
    rowOrder: object.oneOf('rowOrder', ['kept', 'shuffled'] as const, defaults.rowOrder),
    riskThreshold: object.number('riskThreshold', defaults.riskThreshold),
    ...(pseudonyms && {
      pseudonyms: { purpose: pseudonyms.text('purpose'), generation: pseudonyms.number('generation', 1) },
    }),
  };
  pseudonyms?.finish();
  object.finish();
  return checkedPolicy(policy);
}

/** What no single field can show. */
export function checkedPolicy(policy: Policy): Policy {
  const entries = Object.entries(policy.columns);
  if (!entries.some(([, column]) => column.role === 'quasi-identifying')) {
    throw new ParameterError('the policy names no quasi-identifying column: what others may know about a person');
  }
  if (policy.models.length === 0 && policy.method.kind !== 'microaggregation') {
    throw new ParameterError('the policy names no model: say for example k-anonymity with k = 5');
  }
  for (const one of policy.models) {
    if ('attribute' in one && policy.columns[one.attribute]?.role !== 'sensitive') {
      throw new ParameterError(`${one.kind} is about ${one.attribute}, which the policy does not call sensitive`);
    }
    checkedModel(one);
  }
  const pseudonymous = entries.some(([, column]) => column.role === 'identifying' && column.action === 'pseudonym');
  if (pseudonymous && policy.pseudonyms === undefined) {
    throw new ParameterError('a column becomes pseudonyms: the policy must say for which purpose (pseudonyms.purpose)');
  }
  return policy;
}

function columnPolicy(object: JsonObject): ColumnPolicy {
  const role = object.oneOf('role', roles);
  const column = ((): ColumnPolicy => {
    switch (role) {
      case 'identifying':
        return { role, action: object.oneOf('action', ['remove', 'pseudonym'] as const, 'remove') };
      case 'quasi-identifying':
        return {
          role,
          hierarchy: object.has('hierarchy') ? hierarchy(object.child('hierarchy')) : { kind: 'automatic' },
          ...tails(object),
          ...(object.has('lowestLevel') && { lowestLevel: object.number('lowestLevel') }),
          ...(object.has('highestLevel') && { highestLevel: object.number('highestLevel') }),
        };
      case 'sensitive':
      case 'insensitive':
        return {
          role,
          ...tails(object),
          ...(object.has('noise') && { noise: noise(object.child('noise')) }),
          ...(object.has('order') && { order: object.texts('order') }),
          ...(object.has('hierarchy') && { hierarchy: hierarchy(object.child('hierarchy')) }),
        };
      default:
        return role satisfies never;
    }
  })();
  object.finish();
  return column;
}

function tails(object: JsonObject): { readonly tails?: Tails } {
  const child = object.optionalChild('tails');
  if (child === undefined) return {};
  const own: Tails = {
    ...(child.has('lower') && { lower: child.number('lower') }),
    ...(child.has('upper') && { upper: child.number('upper') }),
  };
  child.finish();
  return { tails: own };
}

function hierarchy(object: JsonObject): HierarchyChoice {
  const kind = object.oneOf('kind', ['automatic', 'file', 'numbers', 'dates', 'masking', 'categories'] as const);
  const choice = ((): HierarchyChoice => {
    switch (kind) {
      case 'automatic':
      case 'dates':
        return { kind };
      case 'file':
        return { kind, file: object.text('file') };
      case 'numbers':
        return {
          kind,
          ...(object.has('width') && { width: object.number('width') }),
          ...(object.has('factor') && { factor: object.number('factor') }),
          ...(object.has('origin') && { origin: object.number('origin') }),
        };
      case 'masking':
        return { kind, from: object.oneOf('from', ['right', 'left'] as const, 'right') };
      case 'categories': {
        const child = object.optionalChild('groups');
        if (child === undefined) return { kind };
        const groups = Object.fromEntries(child.names().map((name) => [name, child.texts(name)]));
        child.finish();
        return { kind, groups };
      }
      default:
        return kind satisfies never;
    }
  })();
  object.finish();
  return choice;
}

function noise(object: JsonObject): Perturbation {
  const kind = object.oneOf('kind', ['randomised-response', 'laplace', 'gaussian'] as const);
  const range = () => ({
    lower: object.number('lower'),
    upper: object.number('upper'),
    resolution: object.number('resolution'),
  });
  const perturbation = ((): Perturbation => {
    switch (kind) {
      case 'randomised-response':
        return { kind, epsilon: object.number('epsilon'), categories: object.texts('categories') };
      case 'laplace':
        return { kind, epsilon: object.number('epsilon'), ...range() };
      case 'gaussian':
        return { kind, noiseMultiplier: object.number('noiseMultiplier'), delta: object.number('delta'), ...range() };
      default:
        return kind satisfies never;
    }
  })();
  object.finish();
  return perturbation;
}

const modelKinds = [
  'k-anonymity',
  'k-map',
  'delta-presence',
  'distinct-l-diversity',
  'entropy-l-diversity',
  'recursive-cl-diversity',
  't-closeness',
  'delta-disclosure',
] as const satisfies readonly PrivacyModel['kind'][];

function model(object: JsonObject): PrivacyModel {
  const kind = object.oneOf('kind', modelKinds);
  const one = ((): PrivacyModel => {
    switch (kind) {
      case 'k-anonymity':
      case 'k-map':
        return { kind, k: object.number('k') };
      case 'delta-presence':
        return { kind, least: object.number('least', 0), most: object.number('most') };
      case 'distinct-l-diversity':
      case 'entropy-l-diversity':
        return { kind, attribute: object.text('attribute'), l: object.number('l') };
      case 'recursive-cl-diversity':
        return { kind, attribute: object.text('attribute'), c: object.number('c'), l: object.number('l') };
      case 't-closeness': {
        const distance = object.oneOf('distance', ['equal', 'ordered', 'hierarchical'] as const, 'equal');
        return { kind, attribute: object.text('attribute'), t: object.number('t'), distance };
      }
      case 'delta-disclosure': {
        const absent = object.oneOf('absent', ['ignored', 'violates'] as const, 'ignored');
        return { kind, attribute: object.text('attribute'), delta: object.number('delta'), absent };
      }
      default:
        return kind satisfies never;
    }
  })();
  object.finish();
  return checkedModel(one);
}

function method(object: JsonObject): Method {
  const kind = object.oneOf('kind', ['full-domain', 'mondrian', 'microaggregation'] as const);
  const one = ((): Method => {
    switch (kind) {
      case 'full-domain':
        return {
          kind,
          measure: object.oneOf('measure', measureNames, 'loss'),
          suppressionLimit: object.number('suppressionLimit', 0.05),
          suppressionWeight: object.number('suppressionWeight', 0.5),
        };
      case 'mondrian':
        return { kind, mode: object.oneOf('mode', ['strict', 'relaxed'] as const, 'strict') };
      case 'microaggregation':
        return { kind, k: object.number('k') };
      default:
        return kind satisfies never;
    }
  })();
  object.finish();
  return one;
}
