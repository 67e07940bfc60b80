// Where an exploration is charged: the ledger of whoever has the data, verified before it is continued, and written to before a result is shown.
import { appendFileSync, existsSync } from 'node:fs';
import {
  appendTo,
  emptyLedger,
  type Ledger,
  type LedgerContent,
  readLedgerText,
  recordLine,
  verifyLedger,
} from '@sumus/federation/ledger';
import { type CheckedPlan, planId, priceOfRound } from '@sumus/federation/plan';
import { nodePrimitives } from '@sumus/platform/node';
import { hexOf } from '@sumus/secure-sum/canonical';
import type { Signer } from '@sumus/secure-sum/primitives';
import { BadNews, UsageError } from '../command.ts';
import { signerIn } from './plan-sign.ts';
import { readText } from './text-file.ts';

export interface LedgerToCharge {
  readonly ledger?: string;
  readonly key?: string;
  readonly dataset?: string;
}

export class SearchLedger {
  readonly #path: string;
  readonly #signer: Signer;
  readonly #dataset: string;
  #ledger: Ledger;

  private constructor(path: string, signer: Signer, dataset: string, ledger: Ledger) {
    this.#path = path;
    this.#signer = signer;
    this.#dataset = dataset;
    this.#ledger = ledger;
  }

  /** Undefined where none is to be charged. A file that is not there yet is begun. */
  static async open({ ledger: path, key, dataset }: LedgerToCharge): Promise<SearchLedger | undefined> {
    if (path === undefined) {
      if (key !== undefined || dataset !== undefined) throw new UsageError('--key and --dataset belong to --ledger');
      return undefined;
    }
    if (key === undefined || dataset === undefined)
      throw new UsageError('--ledger needs --key, its owner’s, and --dataset, the name of what is explored');
    const signer = await signerIn({ key });
    if (!existsSync(path)) return new SearchLedger(path, signer, dataset, emptyLedger(signer.publicKey));
    const verdict = await verifyLedger(nodePrimitives(), hexOf(signer.publicKey), readLedgerText(readText(path)));
    if (verdict.kind === 'intact') return new SearchLedger(path, signer, dataset, verdict.ledger);
    throw new BadNews(`${path} is damaged, or another key’s: ${verdict.findings[0]?.what}`);
  }

  /** What so many rounds of this plan cost. Whether there was anything to charge: a plan that promises nothing has no price. */
  async charge(plan: CheckedPlan, rounds: number): Promise<boolean> {
    const mechanism = priceOfRound(plan);
    if (mechanism === undefined || rounds === 0) return false;
    const primitives = nodePrimitives();
    const content: LedgerContent = {
      kind: 'charged',
      plan: planId(primitives, plan),
      round: 0,
      dataset: this.#dataset,
      mechanism,
      count: rounds,
    };
    this.#ledger = await appendTo(primitives, this.#signer, this.#ledger, { content, atMs: Date.now() });
    const record = this.#ledger.records.at(-1);
    if (record !== undefined) appendFileSync(this.#path, recordLine(record));
    return true;
  }
}
