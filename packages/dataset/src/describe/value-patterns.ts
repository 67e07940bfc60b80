// What single values give away: patterns that are hard to meet by chance, with check digits where the numbers have them.

export type Pattern =
  | 'e-mail'
  | 'telephone'
  | 'social security number'
  | 'bank account'
  | 'payment card'
  | 'vehicle'
  | 'device'
  | 'url'
  | 'ip address'
  | 'coordinates'
  | 'postcode'
  | 'street address'
  | 'unique code';

const email = /^[^\s@]{1,64}@[^\s@.]+(?:\.[^\s@.]+)+$/;
const url = /^(?:https?|ftp):\/\/\S+$|^www\.[^\s.]+\.\S+$/i;
const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/;
const ipv6 = /^(?=.*:.*:)[0-9a-f:]{2,39}(?:%\w+)?$/i;
const mac = /^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i;
const telephone = /^(?:\+|00)\d[\d ()./-]{6,18}\d$|^\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}$|^0\d{1,4}[ /-]\d{3}[ \d-]{3,10}$/;
const socialSecurity = /^(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}$/;
const britishInsurance = /^[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]$/;
const coordinates = /^[-+]?(?:[1-8]?\d|90)\.\d{3,}\s*[,; ]\s*[-+]?(?:1[0-7]\d|[1-9]?\d|180)\.\d{3,}$/;
const americanPostcode = /^\d{5}-\d{4}$/;
const britishPostcode = /^[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}$/;
const street =
  /^\d{1,5}[a-z]?,? [\p{L} .'-]+ (?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|way|court|ct)\.?$|^[\p{L} .'-]*(?:stra(?:ss|ß)e|str\.|weg|gasse|platz|rue|via|calle)[\p{L} .'-]* \d{1,4}[a-z]?$/iu;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What the text looks like, or undefined. */
export function patternOf(text: string): Pattern | undefined {
  if (text.length > 300) return undefined;
  if (email.test(text)) return 'e-mail';
  if (url.test(text)) return 'url';
  if (mac.test(text)) return 'device';
  if (ipv4.test(text) || (ipv6.test(text) && /[0-9a-f]/i.test(text) && !/^[\d:]{1,8}$/.test(text))) return 'ip address';
  if (socialSecurity.test(text) || britishInsurance.test(text) || isSwissInsurance(text))
    return 'social security number';
  if (isIban(text)) return 'bank account';
  if (isPaymentCard(text)) return 'payment card';
  if (isVehicle(text)) return 'vehicle';
  if (coordinates.test(text)) return 'coordinates';
  if (uuid.test(text)) return 'unique code';
  if (americanPostcode.test(text) || britishPostcode.test(text)) return 'postcode';
  if (telephone.test(text)) return 'telephone';
  return street.test(text) ? 'street address' : undefined;
}

/** ISO 13616: moved by four, letters as numbers, the remainder by 97 is 1. */
function isIban(text: string): boolean {
  const plain = text.replaceAll(' ', '');
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(plain)) return false;
  let remainder = 0;
  for (const letter of plain.slice(4) + plain.slice(0, 4)) {
    const value = Number.parseInt(letter, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1;
}

/** ISO/IEC 7812: Luhn's sum is a multiple of ten, and the first digit is that of a payment scheme. */
function isPaymentCard(text: string): boolean {
  const digits = text.replaceAll(/[ -]/g, '');
  if (!/^[2-6]\d{12,18}$/.test(digits)) return false;
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = Number(digits[digits.length - 1 - at]);
    const doubled = at % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

const vehicleValues = new Map([...'0123456789ABCDEFGHJKLMNPRSTUVWXYZ'].map((letter) => [letter, vehicleValue(letter)]));
function vehicleValue(letter: string): number {
  const ranges: Readonly<Record<string, number>> = { A: 1, J: 1, S: 2 };
  if (letter <= '9') return Number(letter);
  const start = letter >= 'S' ? 'S' : letter >= 'J' ? 'J' : 'A';
  return (ranges[start] ?? 0) + letter.charCodeAt(0) - start.charCodeAt(0);
}
const vehicleWeights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/** 49 CFR 565.15: the ninth sign is the weighted sum modulo 11, X for ten. */
function isVehicle(text: string): boolean {
  if (!/^[A-HJ-NPR-Z0-9]{17}$/.test(text) || !/[A-Z]/.test(text)) return false;
  const sum = vehicleWeights.reduce((all, weight, at) => all + weight * (vehicleValues.get(text[at]) ?? 0), 0);
  return text[8] === (sum % 11 === 10 ? 'X' : String(sum % 11));
}

/** AHV number: 756 and the check digit of EAN-13. */
function isSwissInsurance(text: string): boolean {
  const digits = text.replaceAll('.', '');
  if (!/^756\d{10}$/.test(digits)) return false;
  const sum = [...digits.slice(0, 12)].reduce((all, digit, at) => all + Number(digit) * (at % 2 === 0 ? 1 : 3), 0);
  return (10 - (sum % 10)) % 10 === Number(digits[12]);
}
