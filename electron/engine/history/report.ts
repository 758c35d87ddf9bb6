/**
 * An incident as a document: what happened in a range, by which commits and whom, what drifted, what failed and for how long, and what nobody looked at.
 * Pure: entries go in, facts come out; report-markdown.ts and report-html.ts write them down.
 */
import { sha1Of } from '../../../shared/flux/revision.ts'
import { redactFields, redactText } from '../../../shared/lib/redact.ts'
import { neutralizeLine } from '../../../shared/lib/text.ts'
import { gateChanged, gateUntil, lostStretch, shownReason, sourceRevision } from '../../../shared/model/history.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import type { ClusterId, ObjectRef } from '../../../shared/model/identity.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'

export interface ReportInput {
  readonly title: string
  readonly from: number
  readonly until: number
  readonly madeAt: number
  readonly version: string
  /** In words, as the user narrowed it; '' for everything. */
  readonly filter: string
  /** Of the range, any order. */
  readonly entries: readonly HistoryEntry[]
  /** Of the revisions among them, and when Sluice watched: also from before the range. */
  readonly commits: readonly HistoryEntry[]
  readonly sessions: readonly HistoryEntry[]
  /** There were more entries than a report takes. */
  readonly isCut: boolean
  readonly clusters: readonly ClusterId[]
  /** Names of contexts; a cluster without one is told by its id. */
  readonly contextOf: (cluster: ClusterId) => string
}

export interface ReportLine {
  readonly at: number
  readonly context: string
  readonly type: HistoryEntry['type']
  readonly tone: HistoryEntry['tone']
  readonly reason: string
  readonly kind: string
  readonly object: string
  readonly by: string
  readonly revision: string
  readonly message: string
  readonly count: number
  /** Of a closed gate, until when; absent where nobody said. */
  readonly until?: number
  /** Found later, in what the cluster still knew. */
  readonly isFoundLater: boolean
}

export interface ReportCommit {
  readonly sha: string
  readonly author: string
  readonly at: number
  readonly subject: string
  /** Who applied it in the range, and when. */
  readonly applied: readonly {
    readonly at: number
    readonly context: string
    readonly object: string
    readonly isGood: boolean
  }[]
}

export interface ReportFailure {
  readonly context: string
  readonly kind: string
  readonly object: string
  readonly from: number
  /** null: it still failed at the end of the range. */
  readonly until: number | null
  readonly reason: string
  readonly message: string
  readonly revision: string
}

export interface ReportGap {
  readonly context: string
  readonly from: number
  readonly until: number
  readonly text: string
}

export interface Report {
  readonly title: string
  readonly from: number
  readonly until: number
  readonly madeAt: number
  readonly version: string
  readonly filter: string
  readonly contexts: readonly string[]
  readonly summary: readonly string[]
  readonly timeline: readonly ReportLine[]
  readonly commits: readonly ReportCommit[]
  readonly failures: readonly ReportFailure[]
  readonly gates: readonly ReportLine[]
  readonly drift: readonly ReportLine[]
  readonly actions: readonly ReportLine[]
  /** Everything that is named, how often, and how often as bad. */
  readonly objects: readonly {
    readonly context: string
    readonly kind: string
    readonly object: string
    readonly count: number
    readonly bad: number
  }[]
  readonly gaps: readonly ReportGap[]
}

const maxMessage = 2000
const shortestGapMs = 60_000

/** Oldest first throughout. SECURITY: items 12 and 13: every text of a cluster is redacted once more, and made one harmless line. */
export function buildReport(input: ReportInput): Report {
  const { from, until, contextOf } = input
  const entries = input.entries
    .filter(({ at, type }) => at >= from && at < until && type !== 'session' && type !== 'commit')
    .toSorted((a, b) => a.at - b.at || Number(a.key) - Number(b.key))
  const timeline = entries.map((entry) => lineOf(entry, contextOf))
  const commits = commitsOf(input, entries)
  const failures = failuresOf(entries, contextOf)
  const gaps = gapsOf(input)
  const ofType = (type: HistoryEntry['type']): readonly ReportLine[] => timeline.filter((line) => line.type === type)
  const report = {
    title: clean(input.title),
    from,
    until,
    madeAt: input.madeAt,
    version: input.version,
    filter: clean(input.filter),
    contexts: input.clusters.map((cluster) => clean(contextOf(cluster))),
    timeline,
    commits,
    failures,
    gates: ofType('gate'),
    drift: ofType('drift'),
    actions: ofType('action'),
    objects: objectsOf(timeline),
    gaps,
  }
  return { ...report, summary: summarise(report) }
}

/** As JSON, for other programs. */
export function reportJson(report: Report): string {
  return `${JSON.stringify(redactFields(report as unknown as Record<string, unknown>), null, 2)}\n`
}

function clean(text: string): string {
  const line = neutralizeLine(redactText(text))
  return line.length > maxMessage ? `${line.slice(0, maxMessage)}…` : line
}

function lineOf(entry: HistoryEntry, contextOf: ReportInput['contextOf']): ReportLine {
  const { at, cluster, type, tone, ref, by, revision, message, count, isBackfilled } = entry
  const until = gateUntil(entry)
  return {
    at,
    context: clean(contextOf(cluster)),
    type,
    tone,
    reason: clean(shownReason(entry)),
    kind: clean(ref?.kind ?? ''),
    object: ref === null ? '' : clean(refTitle(ref)),
    by: clean(by),
    revision: clean(revision),
    message: message === revision ? '' : clean(message),
    count,
    ...(until === null ? {} : { until }),
    isFoundLater: isBackfilled,
  }
}

function shaOf(entry: HistoryEntry): string {
  return sha1Of(sourceRevision(entry))
}

function commitsOf({ commits, contextOf }: ReportInput, entries: readonly HistoryEntry[]): readonly ReportCommit[] {
  const known = new Map(commits.map((entry) => [shaOf(entry), entry]))
  const bySha = new Map<string, HistoryEntry[]>()
  for (const entry of entries) {
    if (entry.type !== 'run' && !(entry.type === 'status' && entry.tone === 'bad')) continue
    const sha = shaOf(entry)
    if (sha === '') continue
    bySha.set(sha, [...(bySha.get(sha) ?? []), entry])
  }
  return [...bySha]
    .map(([sha, runs]): ReportCommit => {
      const commit = known.get(sha)
      return {
        sha,
        author: clean(commit?.by ?? ''),
        at: commit?.at ?? runs[0]?.at ?? 0,
        subject: clean(commit?.message ?? ''),
        applied: runs.map(({ at, cluster, ref, tone }) => ({
          at,
          context: clean(contextOf(cluster)),
          object: ref === null ? '' : clean(refTitle(ref)),
          isGood: tone !== 'bad',
        })),
      }
    })
    .sort((a, b) => a.at - b.at)
}

/** From the word that was bad to the next one about the same object. */
function failuresOf(entries: readonly HistoryEntry[], contextOf: ReportInput['contextOf']): readonly ReportFailure[] {
  const failures: { failure: ReportFailure; ref: ObjectRef }[] = []
  const open = new Map<string, number>()
  for (const { type, tone, ref, at, cluster, facts, reason, message, revision } of entries) {
    if (ref === null || (type !== 'status' && !(type === 'object' && reason === 'Deleted'))) continue
    const key = refKey(ref)
    const index = open.get(key)
    const before = index === undefined ? undefined : failures[index]
    if (index !== undefined && before !== undefined) {
      failures[index] = { ...before, failure: { ...before.failure, until: at } }
      open.delete(key)
    }
    if (tone !== 'bad' || type !== 'status') continue
    open.set(key, failures.length)
    const because = facts?.['because']
    failures.push({
      ref,
      failure: {
        context: clean(contextOf(cluster)),
        kind: clean(ref.kind),
        object: clean(refTitle(ref)),
        from: at,
        until: null,
        reason: clean(typeof because === 'string' && because !== '' ? because : reason),
        message: clean(message),
        revision: clean(revision),
      },
    })
  }
  return failures.map(({ failure }) => failure)
}

/** Stretches of the range in which nobody looked at a cluster: a report without them would call silence calm. */
function gapsOf({ sessions, clusters, from, until, madeAt, isCut, contextOf }: ReportInput): readonly ReportGap[] {
  const end = Math.min(until, madeAt)
  const gaps: ReportGap[] = []
  for (const cluster of clusters) {
    const context = clean(contextOf(cluster))
    let endedAt: number | null = from
    let lostAt: number | null = null
    let isKnown = false
    const add = (start: number, stop: number, text: string): void => {
      const first = Math.max(from, start)
      const last = Math.min(end, stop)
      if (last - first >= shortestGapMs) gaps.push({ context, from: first, until: last, text })
    }
    const addLost = (stop: number): void => {
      if (lostAt !== null) add(lostAt, stop, 'The cluster could not be reached')
      lostAt = null
    }
    for (const entry of sessions
      .filter((each) => each.cluster === cluster)
      .toSorted((a, b) => a.at - b.at || Number(a.key) - Number(b.key))) {
      const { reason, at, message } = entry
      const lost = lostStretch(entry)
      if (lost !== null && lost.until >= from && lost.from < end)
        gaps.push({ context, from: Math.max(from, lost.from), until: Math.min(end, lost.until), text: clean(message) })
      if (reason === 'ClusterLost') lostAt ??= at
      else if (reason === 'ClusterReached') addLost(at)
      else if (reason === 'WatchBegan') {
        if (endedAt !== null) add(endedAt, at, isKnown ? 'Sluice did not watch' : 'Sluice had never watched before')
        endedAt = null
        isKnown = true
      } else if (reason === 'WatchEnded') {
        addLost(at)
        endedAt = at
        isKnown = true
      }
    }
    addLost(end)
    if (endedAt !== null) add(endedAt, end, isKnown ? 'Sluice did not watch' : 'Sluice never watched it')
  }
  if (isCut)
    gaps.push({
      context: '',
      from,
      until: end,
      text: 'There are more entries than a report takes: the oldest are left out',
    })
  return gaps.sort((a, b) => a.from - b.from)
}

function objectsOf(timeline: readonly ReportLine[]): Report['objects'] {
  const objects = new Map<string, { context: string; kind: string; object: string; count: number; bad: number }>()
  for (const { context, kind, object, tone, count } of timeline) {
    if (object === '') continue
    const key = `${context}|${kind}|${object}`
    const known = objects.get(key) ?? { context, kind, object, count: 0, bad: 0 }
    known.count += count
    if (tone === 'bad') known.bad += count
    objects.set(key, known)
  }
  return [...objects.values()].sort((a, b) => b.bad - a.bad || b.count - a.count)
}

function summarise({
  failures,
  commits,
  gates,
  drift,
  actions,
  gaps,
}: Pick<Report, 'failures' | 'commits' | 'gates' | 'drift' | 'actions' | 'gaps'>): readonly string[] {
  const still = failures.filter(({ until }) => until === null).length
  const found = drift.filter(({ reason }) => reason === 'DriftFound').length
  const count = (length: number, one: string, many: string): string => `${length} ${length === 1 ? one : many}`
  return [
    failures.length === 0
      ? 'Nothing failed'
      : `${count(failures.length, 'failure', 'failures')}, ${still === 0 ? 'all over' : `${still} not over`} by the end`,
    `${count(commits.length, 'commit', 'commits')} applied or attempted`,
    count(gates.filter(({ reason }) => reason !== gateChanged).length, 'gate turned', 'gates turned'),
    `${count(found, 'object', 'objects')} found to differ from Git`,
    `${count(actions.length, 'action', 'actions')} in Sluice`,
    gaps.length === 0
      ? 'Sluice watched all the time'
      : `${count(gaps.length, 'stretch', 'stretches')} that Sluice did not see`,
  ]
}
