// The page of the inversion lab.
import { mountPage } from '../shell/shell.tsx';
import { shell } from '../words/english/shell.ts';

mountPage('lab', <h1>{shell.lab}</h1>);
