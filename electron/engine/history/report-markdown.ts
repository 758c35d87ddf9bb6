/** A report as Markdown that every renderer shows alike: whatever comes from a cluster is text, never markup, link, image or table border. Pure. */
import type { Report, ReportLine } from './report.ts'

/** SECURITY: item 13: everything that Markdown or the HTML in it could act upon is escaped, and addresses do not become links by themselves. */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_{}[\]()#+|~!$-]/g, '\\$&')
    .replace(/:(?=\/\/|[\w+\\-]+:)|(?<=\b(?:mailto|xmpp)):/gi, '&#58;')
    .replaceAll('@', '&#64;')
    .replace(/\bwww\./gi, (word) => `${word.slice(0, 3)}&#46;`)
    .replace(/^(\s*\d+)([.)])(?=\s|$)/, '$1\\$2')
    .replace(/^[\t ]+|[\t ]+$/g, ' ')
    .replace(/^=/, '\\=')
}

const e = escapeMarkdown

export function reportMarkdown(report: Report): string {
  const { title, from, until, madeAt, version, contexts, filter, summary } = report
  const parts = [
    `# ${e(title)}`,
    [
      `- From ${utc(from)} to ${utc(until)}`,
      `- Contexts: ${contexts.map(e).join(', ')}`,
      ...(filter === '' ? [] : [`- Only what matches: ${e(filter)}`]),
      `- Written by Sluice ${e(version)} at ${utc(madeAt)}. Times are UTC. Secret values are left out.`,
    ].join('\n'),
    `## Summary\n\n${summary.map((text) => `- ${e(text)}`).join('\n')}`,
    section(
      'What Sluice could not see',
      ['From', 'To', 'Context', 'Why'],
      report.gaps.map((gap) => [utc(gap.from), utc(gap.until), e(gap.context), e(gap.text)]),
      'Nothing: it watched all the time.',
    ),
    section(
      'Failures',
      ['From', 'To', 'Context', 'Object', 'Reason', 'Message', 'Revision'],
      report.failures.map((each) => [
        utc(each.from),
        each.until === null ? 'not over' : utc(each.until),
        e(each.context),
        e(`${each.kind} ${each.object}`),
        e(each.reason),
        e(each.message),
        e(each.revision),
      ]),
    ),
    section(
      'Commits',
      ['Commit', 'Author', 'At', 'Subject', 'Applied'],
      report.commits.map((each) => [
        e(each.sha.slice(0, 12)),
        e(each.author),
        utc(each.at),
        e(each.subject),
        each.applied
          .map(({ at, context, object, isGood }) => `${e(`${context} ${object}`)} ${isGood ? '' : 'failed '}${utc(at)}`)
          .join('; '),
      ]),
    ),
    section(
      'Gates',
      ['At', 'Context', 'Object', 'What', 'By', 'Why', 'Until'],
      report.gates.map((line) => [...whoLine(line), untilOf(line)]),
    ),
    section('Drift', ['At', 'Context', 'Object', 'What', 'By', 'Fields'], report.drift.map(whoLine)),
    section('Done in Sluice', ['At', 'Context', 'Object', 'What', 'By', 'Result'], report.actions.map(whoLine)),
    section(
      'Timeline',
      ['At', 'Context', 'Object', 'What', 'By', 'Revision', 'Message'],
      report.timeline.map((line) => [
        utc(line.at),
        e(line.context),
        e(`${line.kind} ${line.object}`.trim()),
        e(whatOf(line)),
        e(line.by),
        e(line.revision),
        e(line.message),
      ]),
    ),
    section(
      'Objects',
      ['Context', 'Object', 'Entries', 'Bad'],
      report.objects.map((each) => [
        e(each.context),
        e(`${each.kind} ${each.object}`),
        String(each.count),
        String(each.bad),
      ]),
    ),
  ]
  return `${parts.join('\n\n')}\n`
}

export function whatOf({ reason, count, isFoundLater }: ReportLine): string {
  return `${reason}${count > 1 ? ` ×${count}` : ''}${isFoundLater ? ' (found later)' : ''}`
}

export function untilOf({ until }: ReportLine): string {
  return until === undefined ? '' : utc(until)
}

/** `2026-09-16 10:00:05`. */
export function utc(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? '?' : date.toISOString().slice(0, 19).replace('T', ' ')
}

function whoLine(line: ReportLine): readonly string[] {
  return [utc(line.at), e(line.context), e(`${line.kind} ${line.object}`), e(whatOf(line)), e(line.by), e(line.message)]
}

function section(
  title: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  none = 'None in this range.',
): string {
  if (rows.length === 0) return `## ${title}\n\n${none}`
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [`## ${title}`, '', line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
}
