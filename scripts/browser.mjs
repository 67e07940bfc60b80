// The browser of the everywhere-suites: the system's Chromium, or the one that CHROMIUM names. Nothing is downloaded.
import { existsSync } from 'node:fs';

export const browser = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const hasBrowser = () => existsSync(browser);
