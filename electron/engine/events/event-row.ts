/** One Kubernetes Event, of core/v1 or events.k8s.io/v1, in one form. Both serve the same objects under different field names. */
import { capText, neutralizeText } from '../../../shared/lib/text.ts'
import type { ClusterId, ObjectRef } from '../../../shared/model/identity.ts'
import { lastWriteAt } from '../status/managed-fields.ts'
import { asRecord, asText, at, groupOf, numberAt, textAt, timeMs } from '../status/read.ts'

export interface ReadEvent {
  /** uid, else namespace/name: what an update of the same Event is known by. */
  readonly id: string
  readonly involved: ObjectRef
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
  /** By the API server's clock, where the other times are by those of whoever told it; 0: it does not say. */
  readonly writtenAt: number
  readonly source: string
}

/** Flux allows 39,000 characters; the list needs the beginning. */
const maxMessage = 4096
const maxWord = 512

/** null for what names no object. Times fall back to the object's creation, then to 0. */
export function readEvent(object: unknown, cluster: ClusterId): ReadEvent | null {
  const record = asRecord(object)
  const involved = asRecord(record.involvedObject ?? record.regarding)
  const kind = asText(involved.kind)
  const name = asText(involved.name)
  if (kind === '' || name === '') return null
  const series = asRecord(record.series)
  const created = timeMs(at(object, 'metadata', 'creationTimestamp'))
  const times = [
    timeMs(series.lastObservedTime),
    timeMs(record.lastTimestamp),
    timeMs(record.deprecatedLastTimestamp),
    timeMs(record.eventTime),
  ].filter((time) => time !== null)
  const lastAt = times.length > 0 ? Math.max(...times) : (created ?? 0)
  const firstAt =
    timeMs(record.firstTimestamp) ??
    timeMs(record.deprecatedFirstTimestamp) ??
    timeMs(record.eventTime) ??
    created ??
    lastAt
  const count = numberAt(series, 'count') ?? numberAt(object, 'count') ?? numberAt(object, 'deprecatedCount') ?? 1
  return {
    id:
      textAt(object, 'metadata', 'uid') ||
      `${textAt(object, 'metadata', 'namespace')}/${textAt(object, 'metadata', 'name')}`,
    involved: { cluster, group: groupOf(involved.apiVersion), kind, namespace: asText(involved.namespace), name },
    type: record.type === 'Warning' ? 'Warning' : 'Normal',
    reason: word(asText(record.reason)),
    message: capText(neutralizeText((asText(record.message) || asText(record.note)).trim()), maxMessage),
    count: Math.max(1, Math.floor(count)),
    firstAt: Math.min(firstAt, lastAt),
    lastAt,
    writtenAt: lastWriteAt(object),
    source: word(
      textAt(object, 'source', 'component') ||
        asText(record.reportingComponent) ||
        asText(record.reportingController) ||
        textAt(object, 'deprecatedSource', 'component'),
    ),
  }
}

function word(text: string): string {
  return capText(neutralizeText(text), maxWord)
}
