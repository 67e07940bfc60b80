// The real accountants, in a worker: the same code that refuses a round refuses here.
import { explain } from '@sumus/federation/explain';
import { epsilonSpent, readLedgerText, spentOf, verifyLedger } from '@sumus/federation/ledger';
import { epsilonAfter } from '@sumus/federation/plan';
import { loadWebPrimitives } from '@sumus/platform/web';
import type {
  OwnLedger,
  PrivacyAnswered,
  PrivacyAnswers,
  PrivacyAsked,
  PrivacyRequest,
} from './accountant-messages.ts';

addEventListener('message', ({ data: { number, request } }: MessageEvent<PrivacyAsked>) => {
  const tell = (message: PrivacyAnswered): void => postMessage(message);
  answer(request).then(
    (found) => tell({ number, answer: found }),
    (cause: unknown) => tell({ number, refused: cause instanceof Error ? cause.message : String(cause) }),
  );
});

async function answer(request: PrivacyRequest): Promise<PrivacyAnswers[PrivacyRequest['kind']]> {
  switch (request.kind) {
    case 'price': {
      const { plan, rounds } = request;
      const bound = rounds === 0 ? undefined : epsilonAfter(plan, rounds);
      if (rounds === 0 && plan.privacy.kind !== 'none') return { rounds, epsilon: 0, accountant: null };
      return bound?.kind === 'bound'
        ? { rounds, epsilon: bound.epsilon, accountant: bound.accountant }
        : { rounds, epsilon: null, accountant: null };
    }
    case 'explain':
      return explain(request.plan);
    case 'draft':
      return (await import('../control/draft.ts')).draftOf(request.options);
    case 'ledger':
      return ownLedger(request.text, request.delta);
    default:
      return request satisfies never;
  }
}

async function ownLedger(text: string, delta: number): Promise<OwnLedger> {
  const records = readLedgerText(text);
  const owner = records[0]?.owner ?? '';
  const verdict = await verifyLedger(await loadWebPrimitives(), owner, records);
  if (verdict.kind === 'damaged') {
    return { owner, records: records.length, findings: verdict.findings.map(({ what }) => what), spent: [] };
  }
  const spent = spentOf(verdict.ledger).map((one) => {
    const bound = epsilonSpent(one, delta);
    const { dataset, unit, adjacency, charges } = one;
    return {
      dataset,
      unit,
      adjacency,
      charges: charges.length,
      epsilon: bound.kind === 'bound' ? bound.epsilon : null,
    };
  });
  return { owner, records: records.length, findings: [], spent };
}
