// Where laws and standards ask for what an artefact shows. A map for readers, not a verdict: whether the answer is enough is theirs to say.
// Clauses of ISO/IEC 27701 are of the 2019 edition, subcategories of the NIST Privacy Framework of version 1.0, HIPAA is 45 CFR.

export interface AskedFor {
  readonly gdpr: readonly string[];
  readonly iso27701: readonly string[];
  readonly nistPrivacyFramework: readonly string[];
  readonly hipaa: readonly string[];
}

export const FRAMEWORK_NAMES: Readonly<Record<keyof AskedFor, string>> = {
  gdpr: 'GDPR',
  iso27701: 'ISO/IEC 27701:2019',
  nistPrivacyFramework: 'NIST Privacy Framework 1.0',
  hipaa: 'HIPAA, 45 CFR',
};

const row = (
  gdpr: readonly string[],
  iso27701: readonly string[],
  nistPrivacyFramework: readonly string[],
  hipaa: readonly string[],
): AskedFor => ({ gdpr, iso27701, nistPrivacyFramework, hipaa });

/** By the number of the artefact, from 1. */
export const ASKED_FOR: Readonly<Record<number, AskedFor>> = {
  1: row(
    ['Art. 30(1)(a)–(d)', 'Art. 35(7)(a)'],
    ['7.2.7', '7.2.8', '8.2.6'],
    ['ID.IM-P1', 'ID.IM-P2', 'ID.IM-P4', 'ID.IM-P8'],
    ['164.308(a)(1)(ii)(A)', '164.316(b)'],
  ),
  2: row(
    ['Art. 25(1)', 'Art. 32(2)', 'Art. 35(7)(c)'],
    ['7.2.5'],
    ['ID.RA-P1', 'ID.RA-P3', 'ID.RA-P4'],
    ['164.308(a)(1)(ii)(A)'],
  ),
  3: row(['Art. 32(1)(a)'], ['6.7.1.1'], ['PR.DS-P1', 'PR.DS-P2'], ['164.312(a)(2)(iv)', '164.312(e)(2)(ii)']),
  4: row(
    ['Art. 32(1)(a)', 'Art. 32(1)(b)'],
    ['6.7.1.2'],
    ['PR.AC-P1', 'PR.DS-P1'],
    ['164.312(a)(2)(iv)', '164.312(d)'],
  ),
  5: row(
    ['Art. 25(1)', 'Art. 32(1)(b)', 'Art. 32(1)(d)'],
    ['6.11.2.5', '7.4.9'],
    ['CT.DP-P1', 'CT.DM-P9', 'PR.DS-P5'],
    ['164.308(a)(8)', '164.312(e)(1)'],
  ),
  6: row(
    ['Art. 5(2)', 'Art. 30(1)', 'Art. 32(1)(b)'],
    ['6.9.4.1', '6.9.4.2', '7.5.4'],
    ['CT.DM-P8', 'CM.AW-P4', 'PR.DS-P6'],
    ['164.312(b)', '164.312(c)(1)'],
  ),
  7: row(
    ['Art. 25(1)', 'Art. 35(7)(d)'],
    ['7.4.4', '7.4.5'],
    ['CT.DP-P1', 'CT.DP-P2', 'GV.RM-P1'],
    ['164.308(a)(1)(ii)(B)', '164.514(b)(1)'],
  ),
  8: row(['Art. 32(1)(d)', 'Art. 35(7)(d)'], ['6.11.2.8'], ['CT.DM-P9'], ['164.308(a)(8)']),
  9: row(['Art. 32(1)(d)', 'Art. 35(7)(d)'], ['6.15.2.3'], ['CT.DM-P9', 'GV.MT-P1'], ['164.308(a)(8)']),
  10: row(
    ['Art. 32(1)(d)', 'Art. 35(7)(c)'],
    ['6.15.2.3', '7.2.5'],
    ['ID.RA-P4', 'CT.DP-P2'],
    ['164.308(a)(1)(ii)(A)', '164.514(b)(1)'],
  ),
  11: row(
    ['Art. 32(1)(d)', 'Art. 35(7)(c)'],
    ['6.15.2.3', '7.2.5'],
    ['ID.RA-P4', 'CT.DP-P2'],
    ['164.308(a)(1)(ii)(A)', '164.308(a)(8)'],
  ),
  12: row(
    ['Art. 35(7)(c)', 'Art. 35(7)(d)'],
    ['7.2.5'],
    ['ID.RA-P3', 'ID.RA-P5'],
    ['164.308(a)(1)(ii)(A)', '164.308(a)(1)(ii)(B)'],
  ),
  13: row(['Art. 35(7)(b)'], ['7.2.5', '7.3.10'], ['ID.RA-P2'], ['164.308(a)(8)']),
  14: row(
    ['Art. 5(1)(c)', 'Art. 5(1)(e)', 'Art. 25(2)', 'Art. 30(1)(f)'],
    ['7.4.1', '7.4.2', '7.4.4', '7.4.7', '7.4.8'],
    ['CT.DP-P4', 'CT.DM-P5', 'ID.IM-P6'],
    ['164.502(b)', '164.514(d)'],
  ),
  15: row(
    ['Art. 32(1)(b)', 'Art. 32(1)(c)'],
    ['6.11.2.1', '6.14.1.3'],
    ['PR.DS-P6', 'PR.PT-P4'],
    ['164.308(a)(7)', '164.312(c)(1)'],
  ),
  16: row(['Art. 32(1)(a)', 'Art. 32(2)'], ['6.11.2.5'], ['PR.DS-P5'], ['164.308(a)(1)(ii)(B)', '164.312(a)(1)']),
  17: row(
    ['Art. 7(3)', 'Art. 15–21', 'Art. 25(1)'],
    ['7.3.4', '7.3.5', '7.3.6', '7.3.9'],
    ['CT.DM-P1', 'CT.DM-P3', 'CT.DM-P4', 'CM.AW-P8'],
    ['164.524', '164.526'],
  ),
  18: row(
    ['Art. 28', 'Art. 30(1)(d)–(e)', 'Art. 44–46'],
    ['7.2.6', '7.5.1', '7.5.2', '7.5.3'],
    ['ID.DE-P2', 'ID.DE-P3'],
    ['164.308(b)(1)', '164.314(a)'],
  ),
  19: row(
    ['Art. 32(1)(c)', 'Art. 33', 'Art. 34'],
    ['6.13.1.1', '6.13.1.5'],
    ['CM.AW-P7', 'PR.PO-P7', 'PR.PO-P8'],
    ['164.308(a)(6)(ii)', '164.404–164.410'],
  ),
  20: row(
    ['Art. 5(2)', 'Art. 30', 'Art. 32(1)(d)'],
    ['6.9.4.1', '6.11.2.9', '7.2.8'],
    ['CM.AW-P6', 'GV.MT-P3'],
    ['164.308(a)(8)', '164.316(b)'],
  ),
  21: row(['Art. 35(11)', 'Art. 25(1)'], ['7.2.5'], ['GV.MT-P1', 'ID.RA-P5'], ['164.308(a)(8)', '164.316(b)(2)(iii)']),
};
