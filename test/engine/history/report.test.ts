/** An incident as a document. */
import { expect, it } from 'vitest'
import { escapeHtml, reportHtml } from '../../../electron/engine/history/report-html.ts'
import { escapeMarkdown, reportMarkdown, utc } from '../../../electron/engine/history/report-markdown.ts'
import { createReportProcedures } from '../../../electron/engine/history/report-procedures.ts'
import { buildReport, reportJson } from '../../../electron/engine/history/report.ts'
import type { ReportInput } from '../../../electron/engine/history/report.ts'
import type { HistoryEntry, HistoryQuery } from '../../../shared/model/history.ts'
import { MemoryCluster, testCall } from '../memory-cluster.ts'

const base = Date.parse('2026-09-16T10:00:00Z')
const minute = 60_000
const sha = 'abcdef1'.padEnd(40, '2')
let count = 0

function entry(at: number, more: Partial<HistoryEntry> = {}): HistoryEntry {
  count += 1
  return {
    key: String(count),
    recordedAt: at,
    cluster: 'c1',
    type: 'status',
    ref: {
      cluster: 'c1',
      group: 'kustomize.toolkit.fluxcd.io',
      kind: 'Kustomization',
      namespace: 'flux-system',
      name: 'apps',
    },
    owner: null,
    at: base + at * minute,
    reason: 'Ready',
    message: '',
    tone: 'good',
    revision: '',
    by: '',
    count: 1,
    isBackfilled: false,
    identity: '',
    facts: null,
    ...more,
  }
}
const session = (at: number, reason: string, cluster = 'c1'): HistoryEntry =>
  entry(at, { type: 'session', reason, ref: null, cluster })

function input(more: Partial<ReportInput> = {}): ReportInput {
  return {
    title: 'Checkout was down',
    from: base,
    until: base + 60 * minute,
    madeAt: base + 90 * minute,
    version: '1.0.0',
    filter: '',
    entries: [],
    commits: [],
    sessions: [session(-60, 'WatchBegan')],
    isCut: false,
    clusters: ['c1'],
    contextOf: (cluster) => (cluster === 'c1' ? 'prod' : cluster),
    ...more,
  }
}

it('tells failures with their length, commits with who applied them, gates, drift and actions, oldest first', () => {
  const report = buildReport(
    input({
      entries: [
        entry(20, { reason: 'Ready' }),
        entry(10, {
          reason: 'Failed',
          tone: 'bad',
          revision: `main@sha1:${sha}`,
          message: 'no such file',
          facts: { because: 'BuildFailed' },
        }),
        entry(9, { type: 'run', reason: 'BuildFailed', tone: 'bad', revision: `main@sha1:${sha}` }),
        // A release of a chart that was packaged from it.
        entry(8, { type: 'run', reason: 'Released', revision: '7.0.0', facts: { originRevision: `main@sha1:${sha}` } }),
        entry(30, { type: 'gate', reason: 'Suspended', tone: 'closed', by: 'ann', message: 'looking' }),
        entry(30.5, {
          type: 'gate',
          reason: 'Changed',
          tone: 'closed',
          by: 'ann',
          facts: { until: base + 90 * minute },
        }),
        entry(31, { type: 'drift', reason: 'DriftFound', tone: 'plain', by: 'kubectl-edit' }),
        entry(32, { type: 'action', reason: 'Suspend', tone: 'plain', by: 'ann' }),
        entry(50, { reason: 'Stalled', tone: 'bad', message: 'again' }),
        entry(70, { reason: 'Failed', tone: 'bad', message: 'outside' }),
      ],
      commits: [
        entry(5, { type: 'commit', reason: 'Commit', revision: `main@sha1:${sha}`, by: 'Ben', message: 'Move it' }),
      ],
    }),
  )
  expect(
    report.failures.map(({ from, until, reason }) => [
      (from - base) / minute,
      until === null ? null : (until - base) / minute,
      reason,
    ]),
  ).toEqual([
    [10, 20, 'BuildFailed'],
    [50, null, 'Stalled'],
  ])
  expect(report.commits).toMatchObject([
    { sha, author: 'Ben', subject: 'Move it', applied: [{ isGood: true }, { isGood: false }, { isGood: false }] },
  ])
  expect([report.gates, report.drift, report.actions].map(({ length }) => length)).toEqual([2, 1, 1])
  expect(report.gates.map(({ until }) => until)).toEqual([undefined, base + 90 * minute])
  const line = `| Changed | ann |  | ${utc(base + 90 * minute)} |`
  expect(reportMarkdown(report)).toContain(line)
  expect(reportHtml(report)).toContain(`<td><bdi>${utc(base + 90 * minute)}</bdi></td></tr>`)
  expect(report.timeline.map(({ at }) => (at - base) / minute)).toEqual([8, 9, 10, 20, 30, 30.5, 31, 32, 50])
  expect(report.objects).toEqual([
    { context: 'prod', kind: 'Kustomization', object: 'flux-system/apps', count: 9, bad: 3 },
  ])
  expect(report.gaps).toEqual([])
  expect(report.summary).toEqual([
    '2 failures, 1 not over by the end',
    '1 commit applied or attempted',
    '1 gate turned',
    '1 object found to differ from Git',
    '1 action in Sluice',
    'Sluice watched all the time',
  ])
})

it('says what nobody looked at, at the beginning, between, at the end and where never', () => {
  const report = buildReport(
    input({
      clusters: ['c1', 'c2'],
      sessions: [
        session(5, 'WatchBegan'),
        session(20, 'WatchEnded'),
        session(30, 'WatchBegan'),
        session(55, 'WatchEnded'),
      ],
      isCut: true,
    }),
  )
  expect(
    report.gaps.map(
      ({ context, from, until, text }) => `${context} ${(from - base) / minute}-${(until - base) / minute} ${text}`,
    ),
  ).toEqual([
    'prod 0-5 Sluice had never watched before',
    'c2 0-60 Sluice never watched it',
    ' 0-60 There are more entries than a report takes: the oldest are left out',
    'prod 20-30 Sluice did not watch',
    'prod 55-60 Sluice did not watch',
  ])
  expect(reportMarkdown(report)).toContain(
    '| 2026-09-16 10:20:00 | 2026-09-16 10:30:00 | prod | Sluice did not watch |',
  )
})

it('says which cluster could not be reached, until it was, Sluice ended, or the report does', () => {
  const report = buildReport(
    input({
      clusters: ['c1', 'c2'],
      sessions: [
        session(-5, 'WatchBegan'),
        session(10, 'ClusterLost'),
        session(12, 'ClusterLost'),
        session(20, 'ClusterReached'),
        session(30, 'ClusterLost'),
        session(40, 'WatchEnded'),
        session(45, 'WatchBegan'),
        session(50, 'ClusterLost'),
        session(-5, 'WatchBegan', 'c2'),
      ],
    }),
  )
  expect(
    report.gaps.map(({ from, until, text }) => `${(from - base) / minute}-${(until - base) / minute} ${text}`),
  ).toEqual([
    '10-20 The cluster could not be reached',
    '30-40 The cluster could not be reached',
    '40-45 Sluice did not watch',
    '50-60 The cluster could not be reached',
  ])
  expect(report.summary.at(-1)).toBe('4 stretches that Sluice did not see')
})

const secret = 'ghp_0123456789abcdefghijABCDEFGHIJ'
const hostile = [
  `<script>alert(1)</script><img src=x onerror=alert(1)>`,
  `![x](https://evil.test/p.png) [click](javascript:alert(1)) \`code\` **bold** | cell | next`,
  `\u202etxt.exe\u202c \u001b[31mred\u001b[0m line\nbreak\n# Heading\n- item`,
  `https://evil.test www.evil.test mail@evil.test token=${secret} password: hunter2hunter2`,
  `<!-- --> &lt; <details> $x^2$ ~~no~~ ===`,
].join(' ')

it('writes no secret and no markup of a cluster, in any format', () => {
  const ref = { cluster: 'c1', group: '', kind: `Kind${hostile}`, namespace: 'shop', name: hostile }
  const report = buildReport(
    input({
      title: hostile,
      filter: hostile,
      contextOf: () => hostile,
      entries: [
        entry(10, {
          ref,
          reason: hostile,
          tone: 'bad',
          by: hostile,
          message: hostile,
          revision: hostile,
          facts: { because: hostile },
        }),
        entry(11, { type: 'gate', ref, by: hostile, message: hostile }),
        entry(12, { type: 'run', revision: `main@sha1:${sha}`, ref }),
      ],
      commits: [entry(5, { type: 'commit', revision: `main@sha1:${sha}`, by: hostile, message: hostile })],
    }),
  )
  const markdown = reportMarkdown(report)
  const html = reportHtml(report)
  const json = reportJson(report)
  for (const text of [markdown, html, json]) {
    expect(text).not.toContain(secret)
    expect(text).not.toContain('hunter2')
    expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/)
    expect(text).not.toContain('\u001b')
  }
  // Markdown: no tag, link, image, heading, item or table cell but those of the report itself.
  expect(markdown).not.toMatch(/<|(?<!\\)\]\(|(?<!\\)!\[|https?:\/\/|www\.evil|mail@/)
  expect(markdown.split('\n').filter((line) => line.startsWith('# '))).toHaveLength(1)
  const rows = markdown.split('\n').filter((line) => line.startsWith('|'))
  const cells = rows.map((line) => line.split(/(?<!\\)\|/).length)
  expect(new Set(cells.slice(0, 3)).size).toBe(1)
  expect(markdown).not.toMatch(/(?<!\\)`/)
  // HTML: no element but the report's own, nothing that runs or is fetched.
  expect(new Set([...html.matchAll(/<([a-z][a-z0-9]*)/g)].map(([, tag]) => tag))).toEqual(
    new Set([
      'html',
      'head',
      'meta',
      'title',
      'style',
      'body',
      'h1',
      'h2',
      'ul',
      'li',
      'bdi',
      'p',
      'table',
      'thead',
      'tr',
      'th',
      'tbody',
      'td',
    ]),
  )
  expect(html).toContain("default-src 'none'")
  expect(html).not.toMatch(/<[^>]*\s(src|href|on[a-z]+)=/)
  expect(JSON.parse(json)).toMatchObject({ timeline: [{ type: 'status' }, { type: 'gate' }, { type: 'run' }] })
})

it('escapes so that a reader sees what stands there', () => {
  expect(escapeHtml(`<a href="x" o='y'>&`)).toBe('&lt;a href=&quot;x&quot; o=&#39;y&#39;&gt;&amp;')
  expect(escapeMarkdown('1. spec.replicas: 2 → 5')).toBe('1\\. spec.replicas: 2 → 5')
  expect(escapeMarkdown('1.2.3 :tada: mailto:ann@x.test https://x.test')).toBe(
    '1.2.3 &#58;tada: mailto&#58;ann&#64;x.test https&#58;//x.test',
  )
  expect(escapeMarkdown('a|b_c*d')).toBe('a\\|b\\_c\\*d')
})

it('gathers all pages of the range, proposes a plain file name, and saves where the user says', async () => {
  const cluster = new MemoryCluster()
  const many = Array.from({ length: 25 }, (_, index) => entry(index, { key: String(index), message: `entry ${index}` }))
  const saved: { name: string; text: string }[] = []
  const asked: HistoryQuery[] = []
  const { handlers } = createReportProcedures({
    ports: {
      clock: cluster.clock,
      environment: { version: '1.0.0' } as never,
      shell: {
        saveText: (name: string, text: string) => {
          saved.push({ name, text })
          return Promise.resolve('/reports/incident.md')
        },
      } as never,
    },
    clusters: cluster,
    flush: () => Promise.resolve(),
    store: {
      query: (query, { after }) => {
        asked.push(query)
        if (query.types?.length === 1) return Promise.resolve({ entries: [], next: null })
        const start = Number(after ?? 0)
        const next = start + 10 < many.length ? String(start + 10) : null
        return Promise.resolve({ entries: many.slice(start, start + 10), next })
      },
    },
  })
  const request = {
    query: { clusters: ['c1'] },
    from: base,
    until: base + 60 * minute,
    title: '../../etc/passwd',
    filter: '',
    format: 'markdown' as const,
  }
  const shown = await handlers['history.report'](request, testCall())
  expect(shown).toMatchObject({ name: 'incident-2026-09-16.md', entries: 25, isCut: false })
  expect(shown.preview).toContain('entry 24')
  expect(await handlers['history.saveReport']({ ...request, format: 'json' }, testCall())).toEqual({
    path: '/reports/incident.md',
  })
  expect(saved[0]?.name).toBe('incident-2026-09-16.json')
  expect((JSON.parse(saved[0]?.text ?? '') as { timeline: unknown[] }).timeline).toHaveLength(25)
  expect(asked[0]?.types).not.toContain('render')
  await expect(handlers['history.report']({ ...request, until: base }, testCall())).rejects.toMatchObject({
    code: 'InvalidInput',
  })
})
