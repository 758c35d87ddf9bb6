/** Fields and texts of one compared object, read anew after each comparison; what was shown stays until the new ones are here. */
import { useEffect, useState } from 'react'
import type { DriftField, DriftObject, DriftTexts } from '../../../../shared/model/drift.ts'
import type { SluiceErrorData } from '../../../../shared/model/errors.ts'
import { callHost } from '../../../stores/host.ts'

export interface DriftDetail {
  readonly object: string
  /** null: not here yet. */
  readonly fields: readonly DriftField[] | null
  readonly texts: DriftTexts | null
  readonly fieldsError: SluiceErrorData | null
  readonly textsError: SluiceErrorData | null
}

const nothing: DriftDetail = { object: '', fields: null, texts: null, fieldsError: null, textsError: null }

export function useDriftDetail(object: DriftObject | null): DriftDetail {
  const [detail, setDetail] = useState<DriftDetail>(nothing)
  const key = object?.key ?? ''
  const round =
    object === null ? '' : `${object.checkedAt} ${object.action} ${object.driftCount} ${object.notOwnedCount}`
  useEffect(() => {
    if (object === null) return undefined
    const controller = new AbortController()
    const input = { owner: object.owner, ref: object.ref }
    const take = (change: Partial<DriftDetail>): void => {
      if (!controller.signal.aborted)
        setDetail((before) => ({ ...(before.object === object.key ? before : nothing), object: object.key, ...change }))
    }
    void callHost('drift.fields', input, controller.signal).then((result) =>
      take(
        result.ok
          ? { fields: result.value?.fields ?? [], fieldsError: null }
          : { fields: [], fieldsError: result.error },
      ),
    )
    // A refused object may still have texts; one whose two sides cannot be had says so itself.
    void callHost('drift.texts', input, controller.signal).then((result) =>
      take(result.ok ? { texts: result.value, textsError: null } : { texts: null, textsError: result.error }),
    )
    return () => controller.abort()
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `key` and `round` stand for the object
  }, [key, round])
  return detail.object === key ? detail : { ...nothing, object: key }
}
