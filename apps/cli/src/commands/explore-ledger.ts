// Where an exploration is charged: the ledger of whoever has the data, verified before it is continued, and written to before a result is shown.
import { appendFileSync, existsSync } from 'node:fs';
import type { Mechanism } from '@sumus/differential-privacy/mechanisms';
import {
  appendTo,
  emptyLedger,
  type Ledger,
  type LedgerContent,
  readLedgerText,
  recordLine,
  verifyLedger,
} from '@sumus/federation/ledger';
import { type CheckedPlan, planId, priceOfColumns, priceOfRound } from '@sumus/federation/plan';
import { nodePrimitives } from '@sumus/platform/node';
import { hexOf } from '@sumus/secure-sum/canonical';
import type { Signer } from '@sumus/secure-sum/primitives';
import { BadNews, UsageError } from '../command.ts';
import { type FileLock, lockFile } from '../file-lock.ts';
import { signerIn } from './plan-sign.ts';
import { readText } from './text-file.ts';

export interface LedgerToCharge {
  readonly ledger?: string;
  readonly key?: string;
  readonly dataset?: string;
}

export class SearchLedger {
  readonly #path: string;
  readonly #lock: FileLock;
  readonly #signer: Signer;
  readonly #dataset: string;
  #ledger: Ledger;

  private constructor(path: string, lock: FileLock, signer: Signer, dataset: string, ledger: Ledger) {
    this.#path = path;
    this.#lock = lock;
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
    // Two that charge one ledger would fork it, each without the other's charges.
    const lock = lockFile(path);
    try {
      if (!existsSync(path)) return new SearchLedger(path, lock, signer, dataset, emptyLedger(signer.publicKey));
      const verdict = await verifyLedger(nodePrimitives(), hexOf(signer.publicKey), readLedgerText(readText(path)));
      if (verdict.kind === 'intact') return new SearchLedger(path, lock, signer, dataset, verdict.ledger);
      throw new BadNews(`${path} is damaged, or another key’s: ${verdict.findings[0]?.what}`);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** What so many sums of this plan cost. Whether there was anything to charge: a plan that promises nothing has no price. */
  async charge(plan: CheckedPlan, sums: number): Promise<boolean> {
    const mechanism = priceOfRound(plan);
    if (mechanism === undefined || sums === 0) return false;
    const columns = priceOfColumns(plan);
    if (columns !== undefined) await this.#write(plan, columns, 1);
    const rounds = sums - (columns === undefined ? 0 : 1);
    if (rounds > 0) await this.#write(plan, mechanism, rounds);
    return true;
  }

  async #write(plan: CheckedPlan, mechanism: Mechanism, count: number): Promise<void> {
    const primitives = nodePrimitives();
    const content: LedgerContent = {
      kind: 'charged',
      plan: planId(primitives, plan),
      round: 0,
      dataset: this.#dataset,
      mechanism,
      count,
    };
    this.#ledger = await appendTo(primitives, this.#signer, this.#ledger, { content, atMs: Date.now() });
    const record = this.#ledger.records.at(-1);
    if (record !== undefined) appendFileSync(this.#path, recordLine(record));
  }

  /** Others may charge it now. */
  close(): void {
    this.#lock.release();
  }
}
