/** How a context's connection is drawn and said: in the rail, on Overview and in the status bar alike. */
import type { ContextRow } from '../../shared/model/rows.ts'
import type { StatusShape } from '../ui/status-mark/status-mark.tsx'
import { formatAge } from '../ui/time/format-time.ts'

const shapes: Readonly<Record<ContextRow['connection'], StatusShape>> = {
  idle: 'unknown',
  connecting: 'progressing',
  connected: 'ready',
  unreachable: 'unreachable',
  unauthorized: 'forbidden',
  'needs-approval': 'forbidden',
  invalid: 'failed',
}

const words: Readonly<Record<ContextRow['connection'], string>> = {
  idle: 'not connected',
  connecting: 'connecting',
  connected: 'connected',
  unreachable: 'unreachable',
  unauthorized: 'credentials refused',
  'needs-approval': 'waits for approval',
  invalid: 'cannot be used',
}

export function connectionShape(context: ContextRow): StatusShape {
  return shapes[context.connection] ?? 'unknown'
}

export function connectionText(context: ContextRow): string {
  return words[context.connection] ?? context.connection
}

/** `watch 0.4 s`, or the state and the next try: what the status bar says. */
export function connectionDetail(context: ContextRow, now: number): string {
  if (context.connection === 'connected')
    return context.watchLagMs === null ? 'connected' : `watch ${formatLag(context.watchLagMs)}`
  const next =
    context.nextTryAt === null ? '' : `, next try in ${Math.max(0, Math.ceil((context.nextTryAt - now) / 1000))} s`
  return `${connectionText(context)}${next}`
}

/** `0.4 s`; what would round to nothing is `< 0.1 s`. */
export function formatLag(ms: number): string {
  return ms < 50 ? '< 0.1 s' : `${(ms / 1000).toFixed(1)} s`
}

/**
 * How fresh the rows are, for the view bar: a connected context's watch is live (its session is pinged), whatever last changed; where
 * none is connected, when one was last seen.
 */
export function freshnessText(contexts: readonly ContextRow[], now: number): string {
  const live = contexts.filter((context) => context.connection === 'connected').length
  if (live > 0) return live === contexts.length ? 'Live' : `Live in ${live} of ${contexts.length} contexts`
  const seenAt = contexts.reduce((latest, context) => Math.max(latest, context.lastSeenAt ?? 0), 0)
  return seenAt === 0 ? '' : `Last seen ${formatAge(now - seenAt)} ago`
}
