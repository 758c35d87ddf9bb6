/** How a context's connection is drawn and said: in the rail, on Overview and in the status bar alike. */
import type { ContextRow } from '../../shared/model/rows.ts'
import type { StatusShape } from '../ui/status-mark/status-mark.tsx'

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

/** `0.4 s`. */
export function formatLag(ms: number): string {
  return `${(Math.max(0, ms) / 1000).toFixed(1)} s`
}
