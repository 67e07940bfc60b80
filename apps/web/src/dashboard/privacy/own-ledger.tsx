// A participant's own ledger, opened in the page: verified, and what was charged to each of its data sets. It is read here and goes nowhere.
import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { dashboard } from '../../words/english/dashboard.ts';
import { epsilon, fingerprint } from '../figures.ts';
import { ScrollTable } from '../scroll-table.tsx';
import { askAccountant } from './accountant.ts';
import type { OwnLedger } from './accountant-messages.ts';

const words = dashboard.privacy.ledger;

export function OwnLedgerReader({ delta }: { readonly delta: number }): JSX.Element {
  const [found, setFound] = useState<OwnLedger | string | null>(null);
  const id = useId();
  const read = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    try {
      setFound(await askAccountant<'ledger'>({ kind: 'ledger', text: await file.text(), delta }));
    } catch (cause) {
      setFound(cause instanceof Error ? cause.message : String(cause));
    }
  };
  return (
    <details>
      <summary>{words.title}</summary>
      <div class="stack inside">
        <p class="soft">{words.lead}</p>
        <div class="field">
          <label for={id}>{words.file}</label>
          <input
            id={id}
            type="file"
            onChange={({ currentTarget }) => {
              void read(currentTarget.files?.[0]);
            }}
          />
        </div>
        {typeof found === 'string' && <p class="alarm">{found}</p>}
        {found !== null && typeof found !== 'string' && <Found ledger={found} delta={delta} />}
      </div>
    </details>
  );
}

function Found({ ledger, delta }: { readonly ledger: OwnLedger; readonly delta: number }): JSX.Element {
  return (
    <>
      <p>{ledger.findings.length === 0 ? words.intact(ledger.records) : words.damaged}</p>
      <p class="code">{fingerprint(ledger.owner)}</p>
      {ledger.findings.map((finding) => (
        <p key={finding} class="alarm">
          {finding}
        </p>
      ))}
      {ledger.spent.length > 0 && (
        <ScrollTable name={words.table} columns={words.columns}>
          {ledger.spent.map(({ dataset, unit, adjacency, charges, epsilon: found }) => (
            <tr key={`${dataset} ${unit} ${adjacency}`}>
              <td>{dataset}</td>
              <td>{`${unit}, ${adjacency}`}</td>
              <td>{charges}</td>
              <td>{found === null ? '–' : `ε ≤ ${epsilon(found)}, δ = ${delta}`}</td>
            </tr>
          ))}
        </ScrollTable>
      )}
    </>
  );
}
