/** What the command line says to `sluice history` and `sluice audit`. */
import { parseAgo } from '../../shared/lib/format/time.ts'
import { UsageError } from './failure.ts'

export const historyFormats = ['table', 'json'] as const
export type HistoryFormat = (typeof historyFormats)[number]

export interface HistoryOptions {
  readonly output: HistoryFormat
  readonly context?: string
  readonly allContexts?: boolean
  readonly kubeconfig?: string
  readonly namespace?: string
  readonly allNamespaces?: boolean
  readonly since: string
  readonly until?: string
  readonly limit: number
  readonly verbose?: boolean
}

export const auditFormats = ['table', 'json', 'jsonl'] as const
export type AuditFormat = (typeof auditFormats)[number]

export interface AuditOptions {
  readonly output: AuditFormat
  readonly since?: string
  readonly verify?: boolean
}

/** A time, or how long ago (`90m`, `24h`, `3d`); ms since the epoch. */
export function parsePast(option: string, text: string, now: number): number {
  const ago = parseAgo(text, now)
  if (ago !== null) return ago
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at))
    throw new UsageError(
      `${option} takes a time like 2026-10-01T12:00:00Z or a duration like 90m, 24h or 3d, not "${text}".`,
    )
  return at
}
