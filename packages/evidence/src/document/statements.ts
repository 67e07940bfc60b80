// What the owner of a run states, because no log can know it: who controls the data, who processes them, whom people ask. It is shown as
// theirs, by name. Anything that is not one of these members is refused, so that a spelling mistake does not become a silence.

import { MalformedMessage } from '@sumus/federation/errors';

/** Which artefact each of them belongs to. */
export const STATEMENTS = {
  controllers: 1,
  residualRisk: 12,
  utility: 13,
  subgroups: 13,
  retention: 14,
  withdrawal: 17,
  processors: 18,
  transfers: 18,
  incidents: 19,
  drill: 19,
  membershipInference: 10,
  privacyAudit: 9,
  keyDestruction: 4,
} as const;

export type StatementName = keyof typeof STATEMENTS;

export interface Statements {
  /** Who says it. */
  readonly by: string;
  readonly said: ReadonlyMap<StatementName, readonly string[]>;
}

const FORMAT = 'sumus/statements/1';

/** JSON: { "format": "sumus/statements/1", "by": "…", "controllers": ["…"], … }; sentences or lists of them. */
export function readStatements(text: string): Statements {
  const refuse = (why: string): never => {
    throw new MalformedMessage(`no statements: ${why}`);
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new MalformedMessage('statements are JSON, and this is not', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('they are one JSON object');
  const { format, by, ...rest }: Readonly<Record<string, unknown>> = { ...value };
  if (format !== FORMAT) refuse(`write "format": "${FORMAT}"`);
  if (typeof by !== 'string' || by === '') return refuse('write who states it: "by"');
  const said = new Map<StatementName, readonly string[]>();
  for (const [name, sentences] of Object.entries(rest)) {
    if (!isStatementName(name)) return refuse(`"${name}" is none of ${Object.keys(STATEMENTS).join(', ')}`);
    const list: readonly unknown[] = Array.isArray(sentences) ? sentences : [sentences];
    const texts = list.filter((one) => typeof one === 'string' && one.trim() !== '');
    if (texts.length !== list.length || texts.length === 0) return refuse(`"${name}" is a sentence, or a list of them`);
    said.set(name, texts.map(String));
  }
  return { by, said };
}

const isStatementName = (name: string): name is StatementName => Object.hasOwn(STATEMENTS, name);
