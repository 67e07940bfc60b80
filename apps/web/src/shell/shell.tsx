// The frame of every page: a link past it, the word mark, the pages, the colours, and below it the one promise that holds everywhere.
import './own-scripts.ts';
import { type ComponentChildren, type JSX, render } from 'preact';
import { shell as words } from '../words/english/shell.ts';
import { applyTheme, nextTheme, theme } from './theme.ts';

export type PageName = 'dashboard' | 'join' | 'lab';

const pages: readonly { readonly name: PageName; readonly href: string }[] = [
  { name: 'dashboard', href: './index.html' },
  { name: 'join', href: './join.html' },
  { name: 'lab', href: './lab.html' },
];

/** Puts a page into the document. `content` is what stands between the frame's top and bottom: its first heading is an h1. */
export function mountPage(name: PageName, content: ComponentChildren): void {
  applyTheme();
  const place = document.getElementById('page');
  if (place === null) throw new Error('this document has no place for a page');
  place.replaceChildren();
  render(<Frame name={name}>{content}</Frame>, place);
}

function Frame({ name, children }: { readonly name: PageName; readonly children: ComponentChildren }): JSX.Element {
  return (
    <>
      <a class="skip" href="#main">
        {words.skip}
      </a>
      <header class="top">
        <a class="wordmark" href="./index.html">
          <Mark />
          {words.name}
        </a>
        <nav aria-label={words.pages}>
          {pages.map((page) => (
            <a key={page.name} href={page.href} aria-current={page.name === name ? 'page' : undefined}>
              {words[page.name]}
            </a>
          ))}
        </nav>
        <ThemeButton />
      </header>
      <main id="main" class="main" tabIndex={-1}>
        {children}
      </main>
      <footer class="foot">
        <p>{words.foot}</p>
      </footer>
    </>
  );
}

function Mark(): JSX.Element {
  return (
    <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
      <path
        d="M23 7H9l8 9-8 9h14"
        fill="none"
        stroke="var(--accent)"
        stroke-width="3"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}

function ThemeButton(): JSX.Element {
  const name = words.theme[theme.value];
  return (
    <button type="button" class="button plain" onClick={nextTheme} aria-label={name} title={name}>
      <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
        <circle cx="10" cy="10" r="7.25" fill="none" stroke="currentColor" stroke-width="1.5" />
        <path d={shapes[theme.value]} fill="currentColor" />
      </svg>
    </button>
  );
}

const shapes = {
  system: 'M10 2.75a7.25 7.25 0 0 1 0 14.5z',
  light: 'M10 7a3 3 0 1 1 0 6a3 3 0 1 1 0-6z',
  dark: 'M10 2.75a7.25 7.25 0 1 1 0 14.5a7.25 7.25 0 1 1 0-14.5z',
} as const;
