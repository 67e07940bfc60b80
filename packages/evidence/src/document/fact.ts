// The grain of evidence: one fact, where it comes from, and whether it is as it should be. What somebody merely states is a fact about what
// they state, and says who.

export type Source =
  /** What the signed plan says. */
  | { readonly from: 'plan'; readonly where: string }
  /** Of the run's log, by event where it is one. */
  | { readonly from: 'log'; readonly where: string }
  /** Of a participant's own ledger. */
  | { readonly from: 'ledger'; readonly where: string }
  /** Computed here from plan and log, by the named code. */
  | { readonly from: 'computed'; readonly where: string }
  /** A test of the software, of which a report was handed in. */
  | { readonly from: 'test'; readonly where: string }
  /** A bench's report that was handed in. */
  | { readonly from: 'report'; readonly where: string }
  /** The words of who handed statements in. */
  | { readonly from: 'statement'; readonly where: string };

export interface Fact {
  readonly text: string;
  readonly source: Source;
  /** False where the fact speaks against what it should show. */
  readonly holds: boolean;
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
  readonly source: Source;
  /** Rows of from, to, what and by what it is protected: a page draws them, too. */
  readonly isFlow?: true;
}

/** What an artefact is made of; `notShown`: what is asked for and has no fact, and how it could have one. */
export interface Shown {
  readonly facts: readonly Fact[];
  readonly tables: readonly Table[];
  readonly notShown: readonly string[];
}

/** Collects what one artefact has to show. */
export class Exhibit implements Shown {
  readonly facts: Fact[] = [];
  readonly tables: Table[] = [];
  readonly notShown: string[] = [];

  fact(text: string, source: Source, holds = true): void {
    this.facts.push({ text, source, holds });
  }

  table(table: Table): void {
    if (table.rows.length > 0) this.tables.push(table);
  }

  missing(what: string): void {
    this.notShown.push(what);
  }
}

export const inPlan = (where: string): Source => ({ from: 'plan', where });
export const inLog = (where: string): Source => ({ from: 'log', where });
export const computed = (where: string): Source => ({ from: 'computed', where });
