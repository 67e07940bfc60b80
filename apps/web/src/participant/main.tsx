// The page of a participant in a browser.
import { mountPage } from '../shell/shell.tsx';
import { shell } from '../words/english/shell.ts';

mountPage('join', <h1>{shell.join}</h1>);
