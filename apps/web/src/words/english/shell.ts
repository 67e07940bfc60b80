// English, the frame around every page. Each page's words are a file beside this one; another language is another folder.
export const shell = {
  name: 'Sumus',
  skip: 'Skip to the content',
  pages: 'Pages',
  dashboard: 'Dashboard',
  join: 'Take part',
  lab: 'Inversion lab',
  theme: { system: 'Colours: as the system', light: 'Colours: light', dark: 'Colours: dark' },
  foot: 'Train together, reveal only the sum. Everything on this page came from the host that served it; it asks nobody else.',
} as const;
