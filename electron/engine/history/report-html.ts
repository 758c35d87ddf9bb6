/** A report as one HTML file: no script, nothing fetched, readable in both themes and on paper; whatever comes from a cluster is text. Pure. */
import type { Report, ReportLine } from './report.ts'
import { untilOf, utc, whatOf } from './report-markdown.ts'

/** SECURITY: item 13. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

const e = escapeHtml

const style = `:root{color-scheme:light dark}
body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%;font-size:12px}
th,td{border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent);padding:4px 10px 4px 0;text-align:start;vertical-align:top;overflow-wrap:anywhere}
td:first-child{white-space:nowrap;font-variant-numeric:tabular-nums}
tr.bad td:nth-child(4){color:light-dark(#b3261e,#ff8a80)}
bdi{unicode-bidi:isolate}`

/** SECURITY: item 5: nothing in it runs or is fetched, wherever it is opened. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

interface Row {
  readonly cells: readonly string[]
  readonly isBad?: boolean
}

export function reportHtml(report: Report): string {
  const { title, from, until, madeAt, version, contexts, filter, summary } = report
  const facts = [
    `From ${utc(from)} to ${utc(until)}`,
    `Contexts: ${contexts.join(', ')}`,
    ...(filter === '' ? [] : [`Only what matches: ${filter}`]),
    `Written by Sluice ${version} at ${utc(madeAt)}. Times are UTC. Secret values are left out.`,
  ]
  const list = (texts: readonly string[]): string =>
    `<ul>${texts.map((text) => `<li>${cell(text)}</li>`).join('')}</ul>`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<meta name="referrer" content="no-referrer">
<title>${e(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${cell(title)}</h1>
${list(facts)}
<h2>Summary</h2>
${list(summary)}
${table(
  'What Sluice could not see',
  ['From', 'To', 'Context', 'Why'],
  report.gaps.map((gap) => ({ cells: [utc(gap.from), utc(gap.until), gap.context, gap.text] })),
  'Nothing: it watched all the time.',
)}
${table(
  'Failures',
  ['From', 'To', 'Context', 'Object', 'Reason', 'Message', 'Revision'],
  report.failures.map((each) => ({
    cells: [
      utc(each.from),
      each.until === null ? 'not over' : utc(each.until),
      each.context,
      `${each.kind} ${each.object}`,
      each.reason,
      each.message,
      each.revision,
    ],
  })),
)}
${table(
  'Commits',
  ['At', 'Commit', 'Author', 'Subject', 'Applied'],
  report.commits.map((each) => ({
    cells: [
      utc(each.at),
      each.sha.slice(0, 12),
      each.author,
      each.subject,
      each.applied
        .map(({ at, context, object, isGood }) => `${context} ${object} ${isGood ? '' : 'failed '}${utc(at)}`)
        .join('; '),
    ],
  })),
)}
${table(
  'Gates',
  ['At', 'Context', 'Object', 'What', 'By', 'Why', 'Until'],
  report.gates.map((line) => ({ ...whoRow(line), cells: [...whoRow(line).cells, untilOf(line)] })),
)}
${table('Drift', ['At', 'Context', 'Object', 'What', 'By', 'Fields'], report.drift.map(whoRow))}
${table('Done in Sluice', ['At', 'Context', 'Object', 'What', 'By', 'Result'], report.actions.map(whoRow))}
${table(
  'Timeline',
  ['At', 'Context', 'Object', 'What', 'By', 'Revision', 'Message'],
  report.timeline.map((line) => ({
    isBad: line.tone === 'bad',
    cells: [
      utc(line.at),
      line.context,
      `${line.kind} ${line.object}`.trim(),
      whatOf(line),
      line.by,
      line.revision,
      line.message,
    ],
  })),
)}
${table(
  'Objects',
  ['Context', 'Object', 'Entries', 'Bad'],
  report.objects.map((each) => ({
    cells: [each.context, `${each.kind} ${each.object}`, String(each.count), String(each.bad)],
  })),
)}
</body>
</html>
`
}

function cell(text: string): string {
  return `<bdi>${e(text)}</bdi>`
}

function whoRow(line: ReportLine): Row {
  return {
    isBad: line.tone === 'bad',
    cells: [utc(line.at), line.context, `${line.kind} ${line.object}`, whatOf(line), line.by, line.message],
  }
}

function table(title: string, heads: readonly string[], rows: readonly Row[], none = 'None in this range.'): string {
  if (rows.length === 0) return `<h2>${title}</h2>\n<p>${none}</p>`
  const head = heads.map((text) => `<th scope="col">${text}</th>`).join('')
  const body = rows
    .map(
      ({ cells, isBad = false }) =>
        `<tr${isBad ? ' class="bad"' : ''}>${cells.map((text) => `<td>${cell(text)}</td>`).join('')}</tr>`,
    )
    .join('\n')
  return `<h2>${title}</h2>\n<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table>`
}
