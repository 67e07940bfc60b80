// Evidence as one HTML page: no script, no font, no image and nothing from elsewhere, so it can be kept, printed and mailed. Every text that
// comes from outside is escaped; the page says of each artefact how far it is shown before it shows anything.

import type { Artefact, AskedFor, Evidence, Fact, Source, Table } from '../document/index.ts';
import { FRAMEWORK_NAMES } from '../document/index.ts';
import { escaped } from './escaped.ts';
import { flowDiagram } from './flow-diagram.ts';

const STYLE = `
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.5rem;border-top:1px solid #8886;padding-top:1rem}
table{border-collapse:collapse;width:100%;margin:.75rem 0;font-size:.85rem;display:block;overflow-x:auto}
th,td{border:1px solid #8886;padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere;min-width:4rem}
caption{text-align:left;font-weight:600;padding:.3rem 0}
.status{font-size:.85rem;padding:.1rem .5rem;border:1px solid currentColor;border-radius:.3rem;margin-left:.5rem;white-space:nowrap}
.source,.asked{color:GrayText;font-size:.85rem}
.bad{border:2px solid #c00;padding:.5rem 1rem;border-radius:.3rem}
.wrong::before{content:"✗ "}li{overflow-wrap:anywhere}
svg{width:100%;max-width:60rem;height:auto}dt{font-weight:600}dd{margin:0 0 .4rem;overflow-wrap:anywhere}
@media print{h2{break-after:avoid}body{max-width:none}}`;

export function evidencePage(evidence: Evidence): string {
  const { run, plan, artefacts, counts } = evidence;
  const title = `Evidence of run ${run}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<p>${escaped(plan.purpose)}</p>
<p>Facts with their sources, for whoever has to judge this run. Places in laws and standards are named where they ask for an artefact; whether
what stands here is enough is not said, and is not this page’s to say.</p>
${verdict(evidence)}
${identity(evidence)}
<p>${Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${escaped(status)}`)
    .join(' · ')}</p>
<nav aria-label="Artefacts"><ol>${artefacts.map(({ number, title: name, status }) => `<li><a href="#a${number}">${escaped(name)}</a> <span class="status">${escaped(status)}</span></li>`).join('\n')}</ol></nav>
${artefacts.map(section).join('\n')}
${whereAskedFor(artefacts)}
</main>
</body>
</html>
`;
}

function verdict({ log }: Evidence): string {
  if (log.isIntact)
    return `<p>The log and all that was handed in beside it were examined: nothing is wrong with them.</p>`;
  const findings = log.findings.map(
    ({ at, code, what }) => `<li>${at === null ? '' : `event ${at}, `}${escaped(code)}: ${escaped(what)}</li>`,
  );
  return `<section class="bad" role="alert"><p><strong>Something is wrong with the log or with what stands beside it.</strong> What rests on it is in doubt.</p><ul>${findings.join('\n')}</ul></section>`;
}

function identity({ project, plan, coordinator, phase, log, software, madeAtMs }: Evidence): string {
  const rows: readonly (readonly [string, string])[] = [
    ['Project', project],
    ['Plan', `${plan.name}, ${plan.id}, signed by ${plan.signedBy}`],
    ['Coordinator', coordinator],
    ['The run', phase],
    ['Log', `${log.events} events, digest ${log.head}`],
    ['Made', `${new Date(madeAtMs).toISOString()} by ${software.name} ${software.version}`],
  ];
  return `<dl>${rows.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('')}</dl>`;
}

function section({ number, title, status, facts, tables, notShown, askedForBy }: Artefact): string {
  const parts = [
    `<h2 id="a${number}">${number}. ${escaped(title)}<span class="status">${escaped(status)}</span></h2>`,
    facts.length === 0 ? '' : `<ul>${facts.map(factItem).join('\n')}</ul>`,
    ...tables.map((table) => `${table.isFlow ? flowDiagram(table) : ''}${tableOf(table)}`),
    notShown.length === 0
      ? ''
      : `<p>Not shown:</p><ul>${notShown.map((what) => `<li>${escaped(what)}</li>`).join('\n')}</ul>`,
    `<p class="asked">Asked for: ${escaped(placesOf(askedForBy))}</p>`,
  ];
  return `<section>${parts.filter((part) => part !== '').join('\n')}</section>`;
}

const factItem = ({ text, source, holds }: Fact): string =>
  `<li${holds ? '' : ' class="wrong"'}>${escaped(text)} <span class="source">[${escaped(sourceText(source))}]</span></li>`;

const sourceText = ({ from, where }: Source): string => `${from}: ${where}`;

function tableOf({ title, columns, rows, source }: Table): string {
  const head = columns.map((column) => `<th scope="col">${escaped(column)}</th>`).join('');
  const body = rows.map(
    (row) => `<tr>${row.map((cell) => `<td>${escaped(cell === null ? '—' : String(cell))}</td>`).join('')}</tr>`,
  );
  return `<table><caption>${escaped(title)} <span class="source">[${escaped(sourceText(source))}]</span></caption><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table>`;
}

const frameworks: readonly (keyof AskedFor)[] = ['gdpr', 'iso27701', 'nistPrivacyFramework', 'hipaa'];

const placesOf = (askedFor: AskedFor): string =>
  frameworks.map((name) => `${FRAMEWORK_NAMES[name]}: ${askedFor[name].join(', ')}`).join(' · ');

/** The other way round: of each place, the artefacts and how far they are shown. */
function whereAskedFor(artefacts: readonly Artefact[]): string {
  const sections = frameworks.map((name) => {
    const places = new Map<string, string[]>();
    for (const { number, status, askedForBy } of artefacts) {
      for (const place of askedForBy[name]) {
        places.set(place, [...(places.get(place) ?? []), `${number} (${status})`]);
      }
    }
    const rows = [...places].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
    return `<h3>${escaped(FRAMEWORK_NAMES[name])}</h3><table><thead><tr><th scope="col">place</th><th scope="col">artefacts</th></tr></thead><tbody>${rows
      .map(([place, numbers]) => `<tr><td>${escaped(place)}</td><td>${escaped(numbers.join(', '))}</td></tr>`)
      .join('\n')}</tbody></table>`;
  });
  return `<section><h2>By law and standard</h2>${sections.join('\n')}</section>`;
}
