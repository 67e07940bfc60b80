// The door `@sumus/evidence/page`: evidence as a page for people.
export { evidencePage } from './evidence-page.ts';
