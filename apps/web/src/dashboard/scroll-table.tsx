// A table that scrolls where a window is narrow, and that a keyboard reaches for that.
import type { ComponentChildren, JSX } from 'preact';

export interface ScrollTableProps {
  readonly name: string;
  readonly columns: readonly string[];
  /** Rows of the body. */
  readonly children: ComponentChildren;
}

export function ScrollTable({ name, columns, children }: ScrollTableProps): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard.
    <section class="scroll" tabIndex={0} aria-label={name}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}
