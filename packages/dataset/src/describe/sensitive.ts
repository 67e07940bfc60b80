// Columns that look as if they identified a person: the eighteen identifiers of HIPAA's Safe Harbor (45 CFR 164.514(b)(2)(i), A to
// R), each finding with its evidence. A column without a finding is not thereby harmless: combinations of harmless columns identify
// people (that is what src/risk measures), and a rule finds only what it knows.
import type { ColumnType } from '../table/index.ts';
import { type Pattern, patternOf } from './value-patterns.ts';

export type Identifier =
  | 'names'
  | 'places'
  | 'dates'
  | 'telephone numbers'
  | 'fax numbers'
  | 'e-mail addresses'
  | 'social security numbers'
  | 'medical record numbers'
  | 'health plan numbers'
  | 'account numbers'
  | 'licence numbers'
  | 'vehicles'
  | 'devices'
  | 'urls'
  | 'ip addresses'
  | 'biometrics'
  | 'photographs'
  | 'other unique codes';

export interface SensitiveFinding {
  readonly identifier: Identifier;
  /** The letter of the paragraph. */
  readonly paragraph: string;
  readonly evidence: string;
}

export const paragraphs: Readonly<Record<Identifier, string>> = {
  names: 'A',
  places: 'B',
  dates: 'C',
  'telephone numbers': 'D',
  'fax numbers': 'E',
  'e-mail addresses': 'F',
  'social security numbers': 'G',
  'medical record numbers': 'H',
  'health plan numbers': 'I',
  'account numbers': 'J',
  'licence numbers': 'K',
  vehicles: 'L',
  devices: 'M',
  urls: 'N',
  'ip addresses': 'O',
  biometrics: 'P',
  photographs: 'Q',
  'other unique codes': 'R',
};

/** Words of a column's name, in English and some of its neighbours; whole words, so that `surname` is one and `filename` is none. */
const nameWords: readonly (readonly [Identifier, RegExp])[] = [
  [
    'names',
    /^(?:name|surname|firstname|lastname|forename|fullname|maiden|vorname|nachname|prenom|nom|nombre|apellido|cognome|patient name|customer name)$|\b(?:first|last|full|given|family|middle|maiden|patient|customer|person) ?name\b/,
  ],
  [
    'places',
    /\b(?:address|street|city|town|village|county|district|parish|zip|zipcode|postcode|postal|plz|ort|strasse|adresse|latitude|longitude|lat|lon|lng|geo|gps|coordinates?|precinct|geocode)\b/,
  ],
  [
    'dates',
    /\b(?:birth|birthday|birthdate|dob|born|geburtsdatum|naissance|admission|admitted|discharge|discharged|death|died|deceased|visit|encounter)\b/,
  ],
  ['fax numbers', /\bfax\b/],
  ['telephone numbers', /\b(?:phone|telephone|mobile|cell|tel|telefon|handy|natel)\b/],
  ['e-mail addresses', /\be ?mail\b|\bmail\b/],
  [
    'social security numbers',
    /\b(?:ssn|social security|nino|ahv|avs|sozialversicherung\w*|national id|nationalid|passport|personnummer|tax id|steuer ?id|nhs number)\b/,
  ],
  ['medical record numbers', /\b(?:mrn|medical record|patient id|patientid|patient number|case number|fallnummer)\b/],
  [
    'health plan numbers',
    /\b(?:health plan|beneficiary|member id|insurance (?:id|number)|policy number|versichertennummer|medicare|medicaid)\b/,
  ],
  ['account numbers', /\b(?:account|iban|card number|credit card|kontonummer|konto|bank)\b(?!.*\b(?:type|balance)\b)/],
  ['licence numbers', /\b(?:licen[cs]e|certificate|permit|fuehrerschein)\b/],
  ['vehicles', /\b(?:vin|vehicle id|plate|licen[cs]e plate|kennzeichen|registration)\b/],
  ['devices', /\b(?:device id|deviceid|serial|imei|imsi|mac|udid|implant)\b/],
  ['urls', /\b(?:url|website|homepage|link|profile)\b/],
  ['ip addresses', /\b(?:ip|ipv4|ipv6|ip address)\b/],
  ['biometrics', /\b(?:fingerprint|voiceprint|iris|retina|biometric|dna|genome|faceprint)\b/],
  ['photographs', /\b(?:photo|photograph|portrait|face|selfie|avatar)\b/],
  ['other unique codes', /\b(?:id|uuid|guid|identifier|pseudonym|username|login|user|handle)\b/],
];

const identifierOf: Readonly<Record<Pattern, Identifier>> = {
  'e-mail': 'e-mail addresses',
  telephone: 'telephone numbers',
  'social security number': 'social security numbers',
  'bank account': 'account numbers',
  'payment card': 'account numbers',
  vehicle: 'vehicles',
  device: 'devices',
  url: 'urls',
  'ip address': 'ip addresses',
  coordinates: 'places',
  postcode: 'places',
  'street address': 'places',
  'unique code': 'other unique codes',
};

export interface ColumnEvidence {
  readonly name: string;
  readonly type: ColumnType;
  readonly rows: number;
  readonly filled: number;
  readonly distinct: number;
  /** Some of its different values, as text. */
  readonly sample: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** How many of a hundred values must fit a pattern. */
const enoughShare = 0.1;

export function sensitiveFindings(column: ColumnEvidence): SensitiveFinding[] {
  const evidence = new Map<Identifier, string[]>();
  const add = (identifier: Identifier, why: string): void => {
    evidence.set(identifier, [...(evidence.get(identifier) ?? []), why]);
  };
  const words = wordsOf(column.name);
  for (const [identifier, pattern] of nameWords) {
    const match = pattern.exec(words);
    if (match !== null) add(identifier, `its name says "${match[0]}"`);
  }
  for (const [pattern, count] of patternCounts(column.sample)) {
    if (count >= enoughShare * column.sample.length && count >= 2) {
      add(
        identifierOf[pattern],
        `${count} of ${column.sample.length} different values looked at read like ${pattern}s`,
      );
    }
  }
  if (column.type === 'date' && column.filled > 0) add('dates', 'it holds dates more exact than a year');
  const { minimum = Number.NaN, maximum = Number.NaN } = column;
  if (/\b(?:age|alter|edad)\b/.test(words) && maximum > 89) add('dates', `ages above 89 occur (${maximum})`);
  const fractional = column.type === 'number' && column.distinct > 100;
  if (
    fractional &&
    Math.abs(minimum) <= 180 &&
    Math.abs(maximum) <= 180 &&
    /\b(?:lat|lon|lng|latitude|longitude|x|y)\b/.test(words)
  ) {
    add('places', `fractions in [${minimum}, ${maximum}], as coordinates are`);
  }
  // Free numbers are often all different; integers and texts that are, are somebody's key.
  const keyLike = column.type === 'category' || column.type === 'integer';
  if (keyLike && column.filled >= 20 && column.distinct >= 0.98 * column.filled) {
    add('other unique codes', `nearly every row has a value of its own (${column.distinct} in ${column.filled})`);
  }
  const personal = column.sample.filter((text) =>
    /^\p{Lu}[\p{Ll}'’-]+,? (?:\p{Lu}\.? )?\p{Lu}[\p{Ll}'’-]+$/u.test(text),
  ).length;
  if (personal >= 20 && personal >= 0.6 * column.sample.length && column.distinct > 0.2 * column.filled) {
    add('names', `${personal} of ${column.sample.length} values looked at read like first and last names`);
  }
  return [...evidence].map(([identifier, reasons]) => ({
    identifier,
    paragraph: paragraphs[identifier],
    evidence: reasons.join('; '),
  }));
}

/** `dateOfBirth`, `date_of_birth` and `Date of birth` are `date of birth`. */
function wordsOf(name: string): string {
  return name
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replaceAll(/[^\p{L}\d]+/gu, ' ')
    .trim()
    .toLowerCase();
}

function patternCounts(sample: readonly string[]): Map<Pattern, number> {
  const counts = new Map<Pattern, number>();
  for (const text of sample) {
    const pattern = patternOf(text.trim());
    if (pattern !== undefined) counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
  }
  return counts;
}
