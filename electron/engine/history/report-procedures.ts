/** `history.report` and `history.saveReport`: gathers what a report is made of, and has it written where the user says. */
import type { Handlers, InputOf } from '../../../shared/contract/index.ts'
import { sha1Of } from '../../../shared/flux/revision.ts'
import { capText } from '../../../shared/lib/text.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { HistoryEntry, HistoryQuery } from '../../../shared/model/history.ts'
import { historyTypes, sourceRevision } from '../../../shared/model/history.ts'
import { reportEndings } from '../../../shared/model/report.ts'
import type { Clusters } from '../clusters/view.ts'
import type { Ports } from '../ports.ts'
import type { EventStore } from './event-store-port.ts'
import { reportHtml } from './report-html.ts'
import { reportMarkdown } from './report-markdown.ts'
import { buildReport, reportJson } from './report.ts'
import type { Report } from './report.ts'

export type ReportProcedure = 'history.report' | 'history.saveReport'

export interface ReportDeps {
  readonly ports: Pick<Ports, 'clock' | 'shell' | 'environment'>
  readonly store: Pick<EventStore, 'query'>
  readonly clusters: Clusters
  /** What was handed over is in the store. */
  readonly flush: () => Promise<void>
}

type Request = InputOf<'history.report'>

/** Newest first: a longer range says that its beginning is left out. */
const maxEntries = 20_000
const maxPreview = 60_000
const pageSize = 1000
const maxCommits = 50
/** So far before the range it is looked for whether Sluice watched. */
const sessionsBeforeMs = 90 * 86_400_000

const writers = { markdown: reportMarkdown, html: reportHtml, json: reportJson } as const
const toldTypes = historyTypes.filter((type) => type !== 'render')

export function createReportProcedures(deps: ReportDeps): { readonly handlers: Pick<Handlers, ReportProcedure> } {
  const { ports, store, clusters, flush } = deps

  async function all(query: HistoryQuery, limit: number, signal: AbortSignal): Promise<readonly HistoryEntry[]> {
    const entries: HistoryEntry[] = []
    let after: string | null = null
    do {
      const page: Awaited<ReturnType<EventStore['query']>> = await store.query(
        query,
        { limit: pageSize, after },
        signal,
      )
      for (const entry of page.entries) entries.push(entry)
      after = page.next
    } while (after !== null && entries.length <= limit)
    return entries
  }

  async function make(request: Request, signal: AbortSignal): Promise<{ report: Report; isCut: boolean }> {
    const { from, until, title, filter } = request
    if (until <= from) throw new SluiceError('InvalidInput', 'The range ends before it begins.')
    await flush()
    const given = Object.fromEntries(
      Object.entries(request.query).filter(([, value]) => value !== undefined),
    ) as HistoryQuery
    const found = await all({ types: toldTypes, ...given, from, until }, maxEntries, signal)
    const entries = found.slice(0, maxEntries)
    const ids = given.clusters ?? [...new Set(entries.map(({ cluster }) => cluster))]
    const shas = [...new Set(entries.map((entry) => sha1Of(sourceRevision(entry))).filter((sha) => sha !== ''))]
    const commits: HistoryEntry[] = []
    for (let start = 0; start < shas.length; start += maxCommits)
      commits.push(
        ...(await all({ types: ['commit'], commits: shas.slice(start, start + maxCommits) }, maxEntries, signal)),
      )
    const sessions = await all(
      { types: ['session'], clusters: ids, from: Math.max(0, from - sessionsBeforeMs), until },
      maxEntries,
      signal,
    )
    const isCut = found.length > maxEntries
    const report = buildReport({
      title,
      from,
      until,
      madeAt: ports.clock.now(),
      version: ports.environment.version,
      filter,
      entries,
      commits,
      sessions,
      isCut,
      clusters: ids,
      contextOf: (cluster) => clusters.view(cluster)?.contexts()[0]?.name ?? cluster,
    })
    return { report, isCut }
  }

  return {
    handlers: {
      'history.report': async (request, { signal }) => {
        const { report, isCut } = await make(request, signal)
        return {
          preview: capText(writers[request.format](report), maxPreview),
          name: nameOf(request),
          entries: report.timeline.length,
          isCut,
        }
      },
      'history.saveReport': async (request, { signal }) => {
        const { report } = await make(request, signal)
        return { path: await ports.shell.saveText(nameOf(request), writers[request.format](report)) }
      },
    },
  }
}

/** `incident-2026-09-16.md`: no text of a cluster reaches a file's name. */
function nameOf({ from, format }: Request): string {
  return `incident-${new Date(from).toISOString().slice(0, 10)}.${reportEndings[format]}`
}
