/** Rules of notifications as sentences, spans of time as people say them. Pure. */
import type { NotifyEvent, NotifyRule } from '../../../shared/model/notify.ts'

export const eventNames: Readonly<Record<NotifyEvent, string>> = {
  failing: 'An object fails',
  recovered: 'An object is ready again',
  drift: 'A Kustomization or HelmRelease drifts',
  gate: 'A gate is past its until-time',
  credentials: 'A certificate or token ends',
  unreachable: 'A cluster does not answer',
}

/** What `afterMs` means; null: nothing. */
export const afterLabels: Readonly<Record<NotifyEvent, string | null>> = {
  failing: 'Once it fails for',
  recovered: 'If it failed for at least',
  drift: 'Once it drifts for',
  gate: null,
  credentials: 'Ahead of the end',
  unreachable: 'Once it is silent for',
}

/** Filters are about objects. */
export function hasFilter(event: NotifyEvent): boolean {
  return event !== 'credentials' && event !== 'unreachable'
}

/** `for 5 minutes`, `within 7 days`; '' where the rule does not say. */
export function afterWords({ event, afterMs }: Pick<NotifyRule, 'event' | 'afterMs'>): string {
  const span = formatSpan(afterMs)
  switch (event) {
    case 'gate':
      return ''
    case 'credentials':
      return `within ${span}`
    case 'recovered':
      return afterMs === 0 ? '' : `that failed for ${span}`
    default:
      return afterMs === 0 ? '' : `for ${span}`
  }
}

export const spanUnits = [
  { value: 'minutes', label: 'minutes', ms: 60_000 },
  { value: 'hours', label: 'hours', ms: 3_600_000 },
  { value: 'days', label: 'days', ms: 86_400_000 },
] as const
export type SpanUnit = (typeof spanUnits)[number]['value']

export interface Span {
  readonly count: number
  readonly unit: SpanUnit
}

/** In the largest unit that says it exactly; parts of a minute are rounded up. */
export function spanOf(ms: number): Span {
  const minutes = Math.ceil(ms / 60_000)
  if (minutes > 0 && minutes % 1440 === 0) return { count: minutes / 1440, unit: 'days' }
  if (minutes > 0 && minutes % 60 === 0) return { count: minutes / 60, unit: 'hours' }
  return { count: minutes, unit: 'minutes' }
}

export function spanMs({ count, unit }: Span): number {
  return count * (spanUnits.find(({ value }) => value === unit)?.ms ?? 0)
}

export function formatSpan(ms: number): string {
  const { count, unit } = spanOf(ms)
  return `${count.toLocaleString()} ${count === 1 ? unit.slice(0, -1) : unit}`
}

/** `22:00` of minutes since midnight, and back; null for what is no time. */
export function formatMinute(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

export function parseMinute(text: string): number | null {
  const found = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text.trim())
  return found === null ? null : Number(found[1]) * 60 + Number(found[2])
}
