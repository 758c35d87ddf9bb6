/** Until-times that have passed: told once each, never acted upon. */
import { refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { Clusters, ClusterView } from '../clusters/view.ts'
import type { BlobStore, Clock, Dispose, Logger, Shell } from '../ports.ts'

export interface ExpiryWatchOptions {
  readonly clusters: Clusters
  readonly clock: Clock
  readonly store: BlobStore
  readonly logger: Logger
  readonly shell: Pick<Shell, 'notify'>
  readonly areNotificationsOn: () => boolean
}

const storedName = 'gate/expired.json'
const maxStored = 2000
/** setTimeout's own limit is 24.8 days. */
const longestTimerMs = 24 * 60 * 60_000
/** More than this at once become one notification. */
const severalFrom = 4

/**
 * Notifies when the until-time of a suspension of Sluice's passes, or has passed while the application was closed: once per object and
 * time, ever. Nothing is resumed.
 */
export function createExpiryWatch(options: ExpiryWatchOptions): Dispose {
  const { clusters, clock, store, logger, shell, areNotificationsOn } = options
  const due = new Map<string, { readonly ref: ObjectRef; readonly at: number }>()
  const watched = new Map<string, { readonly view: ClusterView; readonly stop: Dispose }>()
  let told: Set<string> | null = null
  let stopTimer: Dispose = () => undefined
  let isScheduled = false
  let isOver = false

  function take(row: FluxRow): boolean {
    const at = row.suspend?.isTrusted === true ? row.suspend.resumeAt : null
    if (at === null) return due.delete(row.key)
    if (due.get(row.key)?.at === at) return false
    due.set(row.key, { ref: row.ref, at })
    return true
  }

  function follow(): void {
    const present = new Set(clusters.views())
    for (const [id, { view, stop }] of watched)
      if (!present.has(view)) {
        stop()
        watched.delete(id)
        for (const [key, entry] of due) if (entry.ref.cluster === view.id) due.delete(key)
      }
    for (const view of present) {
      if (watched.has(view.id)) continue
      const stop = view.watchRows((change) => {
        let isChanged = false
        for (const row of change.upsert) isChanged = take(row) || isChanged
        for (const key of change.remove) isChanged = due.delete(key) || isChanged
        if (isChanged) schedule()
      })
      watched.set(view.id, { view, stop })
      for (const row of view.rows()) take(row)
    }
    schedule()
  }

  /** Many rows arrive in one turn: looked at once, in the next. */
  function schedule(): void {
    if (isScheduled || isOver || told === null) return
    isScheduled = true
    stopTimer()
    stopTimer = clock.after(0, look)
  }

  function look(): void {
    isScheduled = false
    if (isOver || told === null) return
    const now = clock.now()
    const passed: ObjectRef[] = []
    let next = Infinity
    for (const [key, { ref, at }] of due) {
      if (at > now) {
        next = Math.min(next, at)
        continue
      }
      const name = `${key}@${String(at)}`
      if (told.has(name)) continue
      told.add(name)
      passed.push(ref)
    }
    if (passed.length > 0) tell(passed)
    if (next < Infinity) stopTimer = clock.after(Math.min(next - now, longestTimerMs), look)
  }

  function tell(refs: readonly ObjectRef[]): void {
    const kept = [...(told ?? [])].slice(-maxStored)
    told = new Set(kept)
    store.write(storedName, JSON.stringify({ version: 1, told: kept })).catch((error: unknown) => {
      logger.log('warn', 'expired suspensions could not be remembered', { error: String(error) })
    })
    if (!areNotificationsOn()) return
    if (refs.length >= severalFrom) {
      const body = 'They stay suspended until you resume them.'
      shell.notify(`${String(refs.length)} suspensions are past their until-time`, body, null)
      return
    }
    for (const ref of refs)
      shell.notify(
        `${refTitle(ref)} is past its until-time`,
        `${ref.kind} stays suspended until you resume it.`,
        linkTo(ref),
      )
  }

  function linkTo(ref: ObjectRef): string | null {
    const context = clusters.view(ref.cluster)?.contexts()[0]?.key
    if (context === undefined) return null
    const parts = [context, ref.group, ref.kind, ref.namespace === '' ? '_' : ref.namespace, ref.name, 'tree']
    return `sluice://context/${parts.map(encodeURIComponent).join('/')}`
  }

  const stopClusters = clusters.watch(follow)
  follow()
  void store
    .read(storedName)
    .then((bytes) => parseTold(bytes))
    .catch(() => [])
    .then((names) => {
      told = new Set(names)
      schedule()
    })

  return () => {
    isOver = true
    stopTimer()
    stopClusters()
    for (const { stop } of watched.values()) stop()
  }
}

function parseTold(bytes: Uint8Array | null): readonly string[] {
  if (bytes === null) return []
  const stored = JSON.parse(new TextDecoder().decode(bytes)) as { readonly told?: unknown } | null
  return Array.isArray(stored?.told) ? stored.told.filter((name) => typeof name === 'string') : []
}
