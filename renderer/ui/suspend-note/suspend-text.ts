/** Who closed a gate, why and until when, in words. Reason and owner are believed only where Sluice still owns the field. */
import type { SuspendInfo } from '../../../shared/model/status.ts'
import { oneLine } from '../text/plain-text.ts'
import { formatAge } from '../../../shared/lib/format/time.ts'
import { formatTimeOfDay } from '../time/format-time.ts'

export interface SuspendText {
  /** `Suspended by oncall-1 2h 14m ago`. */
  readonly who: string
  /** The reason, verbatim; '' where none is recorded or believed. */
  readonly why: string
  /** `until 14:00`, `no end`, or that the time has passed. */
  readonly until: string
  readonly isExpired: boolean
}

export function suspendText(info: SuspendInfo | null, now: number): SuspendText {
  if (info === null) return { who: 'Suspended', why: '', until: '', isExpired: false }
  if (!info.isTrusted) {
    const by = info.manager === null ? '' : ` by ${oneLine(info.manager, 100)}`
    const at = info.at === null ? '' : ` at ${formatTimeOfDay(info.at, now)}`
    return { who: `Suspended${by}${at}`, why: '', until: '', isExpired: false }
  }
  const by = info.by ?? info.manager
  const who = `Suspended${by === null ? '' : ` by ${oneLine(by, 100)}`}${info.at === null ? '' : ` ${formatAge(now - info.at)} ago`}`
  const isExpired = info.resumeAt !== null && info.resumeAt <= now
  const until =
    info.resumeAt === null
      ? 'no end'
      : isExpired
        ? `was until ${formatTimeOfDay(info.resumeAt, now)}, now past: resume it or set a new time`
        : `until ${formatTimeOfDay(info.resumeAt, now)}`
  return { who, why: oneLine(info.reason ?? ''), until, isExpired }
}
