/** The words of a timeline: what a row says in its first and second line, whose initials it has, how long something took. */
import { shortenRevision } from '../../../shared/flux/revision.ts'
import { gateChanged, gateUntil, shownReason } from '../../../shared/model/history.ts'
import { formatAge, formatClock, formatMoment } from '../../../shared/lib/format/time.ts'
import { oneLine } from '../text/plain-text.ts'
import type { Outcome, TimelineArrival, TimelineRow, TimelineWaiting } from './timeline-model.ts'

const maxText = 400

/** First line. */
export function rowTitle({ entry, commit, isAttempt }: TimelineRow): string {
  const { type, reason, message, by, revision } = entry
  if (isAttempt && commit !== null) return oneLine(commit.message, maxText)
  switch (type) {
    case 'run':
      if (commit !== null) return oneLine(commit.message, maxText)
      return revision === '' || reason !== 'Applied'
        ? oneLine(reason === 'Released' ? message : reason, maxText)
        : `Applied ${shortenRevision(revision)}`
    case 'artifact':
      return `New artifact ${shortenRevision(revision)}`
    case 'gate':
      return `${reason === gateChanged ? 'Gate changed' : reason}${by === '' ? '' : ` by ${oneLine(by, 100)}`}`
    case 'drift':
      if (reason === 'DriftGone') return 'As in Git again'
      return entry.facts?.['action'] === 'created' ? 'Missing in the cluster' : 'Changed in the cluster'
    case 'action':
      return by === '' ? reason : `${reason} by ${oneLine(by, 100)} in Sluice`
    case 'condition':
      return oneLine(shownReason(entry), 200)
    case 'commit':
      return oneLine(message, maxText)
    case 'status':
    case 'event':
    case 'object':
    case 'session':
    case 'render':
      return oneLine(reason, 200)
  }
}

/** Second line; '' where the first says it all. */
export function rowText({ entry, commit }: TimelineRow): string {
  const { type, reason, message, revision, facts } = entry
  const text = oneLine(message, maxText)
  if (type === 'run') {
    if (commit === null) {
      if (text === revision) return reason === 'Applied' ? '' : shortenRevision(revision)
      return reason === 'Released' ? '' : text
    }
    return `${reason} ${shortenRevision(revision)}`
  }
  // Said by the first line.
  if (type === 'artifact' && text === revision) return ''
  if (type === 'commit') {
    const paths = Array.isArray(facts?.['changedPaths']) ? facts['changedPaths'].map(String) : []
    const count = `${paths.length.toLocaleString()}${facts?.['hasMorePaths'] === true ? ' or more' : ''}`
    return paths.length === 0
      ? ''
      : oneLine(`${count === '1' ? '1 file' : `${count} files`}: ${paths.join(', ')}`, maxText)
  }
  const because = type === 'status' || type === 'condition' ? facts?.['because'] : undefined
  if (typeof because === 'string' && because !== '' && because !== reason)
    return text === '' ? because : `${because}: ${text}`
  if (type === 'drift' && facts?.['action'] === 'created') return ''
  const until = gateUntil(entry)
  const mode = type === 'gate' ? facts?.['mode'] : null
  const told = mode === 'held' || mode === 'manual' ? [text, mode].filter((part) => part !== '').join(', ') : text
  if (type === 'gate')
    return until === null ? told : `${told === '' ? 'Until' : `${told}, until`} ${formatDateTime(until)}`
  return text
}

export function waitingTitle({ commits, why }: TimelineWaiting): string {
  const isOne = commits.length === 1
  const count = isOne ? 'One commit' : `${commits.length.toLocaleString()} commits`
  switch (why) {
    case 'behind':
      return `${count} ${isOne ? 'waits' : 'wait'} behind the gate`
    case 'behindThen':
      return `${count} waited behind the gate`
    case 'next':
      return `${count} ${isOne ? 'is' : 'are'} not applied yet`
  }
}

export function outcomeText({ isGood, durationMs, isAppliedOnly = false }: Outcome): string {
  if (durationMs === null) return isGood ? 'Healthy' : 'Failing'
  if (!isGood) return `Failed for ${formatSpan(durationMs)}`
  return `${isAppliedOnly ? 'Applied' : 'Healthy'} in ${formatSpan(durationMs)}`
}

/** How long entries stay. */
export const keptText = (days: number): string => `kept ${days.toLocaleString()} d`

/** `0.4 s` below ten seconds, `41 s` below two minutes, then as ages are told. */
export function formatSpan(ms: number): string {
  if (ms > 0 && ms < 9950) return `${(Math.max(100, ms) / 1000).toFixed(1)} s`
  return ms < 120_000 ? `${Math.max(0, Math.round(ms / 1000))} s` : formatAge(ms)
}

/** Two letters of a person's or program's name. */
export function initials(name: string): string {
  const parts = name
    .replace(/<.*>/, '')
    .trim()
    .split(/[\s._-]+/)
    .filter((part) => part !== '')
  const [first = '', second = ''] = parts
  return `${first.charAt(0)}${second === '' ? first.charAt(1) : second.charAt(0)}`.toUpperCase()
}

/** One of four tints, always the same for a name. */
export function tintOf(name: string): number {
  let sum = 0
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997
  return sum % 4
}

/** `07:41` */
export const formatTime = (at: number): string => formatClock(at).slice(0, 5)
/** `Wed 16 Sep 2026` */
export const formatDay = (at: number): string => formatMoment(at).split(',')[0] ?? ''
/** `16 Sep 07:41` */
export const formatDateTime = (at: number): string =>
  `${formatDay(at).split(' ').slice(1, 3).join(' ')} ${formatTime(at)}`

/** The clock alone where both are of one day. */
export const timeBeside = (at: number, beside: number): string =>
  startOfDay(at) === startOfDay(beside) ? formatTime(at) : formatDateTime(at)

/** `staging-eu 07:36`, `prod-us-1 failed 09:02` */
export function arrivalText({ context, at, isGood }: TimelineArrival, beside: number): string {
  return `${oneLine(context, 100)}${isGood ? '' : ' failed'} ${timeBeside(at, beside)}`
}

/** `Today`, `Yesterday`, else the short weekday. */
export function dayWord(at: number, now: number): string {
  const today = startOfDay(now)
  if (at >= today) return 'Today'
  if (at >= startOfDay(today - 1)) return 'Yesterday'
  return formatDay(at).slice(0, 3)
}

export function startOfDay(at: number): number {
  const date = new Date(at)
  date.setHours(0, 0, 0, 0)
  return date.getTime()
}
