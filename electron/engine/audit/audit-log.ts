/**
 * audit/: one JSON line per mutation that Sluice sent to a cluster, with its result: a row of the chain that history keeps, or, where no row can be
 * written, a line of `audit.jsonl` under the application's data folder, which is taken into the chain later. It must not know what a plan is nor how
 * rows are chained. Local, bounded, redacted.
 */
import { redactFields } from '../../../shared/lib/redact.ts'
import type { AuditLine } from '../../../shared/model/audit.ts'
import type { ActionName } from '../../../shared/model/actions.ts'
import type { ClusterId, ContextId, ObjectRef } from '../../../shared/model/identity.ts'
import type { BlobStore, Clock, Logger } from '../ports.ts'

export interface AuditEntry {
  readonly client: 'window' | 'cli' | 'test'
  readonly context: ContextId
  readonly cluster: ClusterId
  /** As whom the API server knows us; '' where the credentials do not tell. */
  readonly identity: string
  readonly verb: 'patch' | 'apply' | 'create' | 'update' | 'delete'
  readonly object: ObjectRef
  /** `hosted`: hosted mode did it; `hostingStart`: switching it on did; `handOver`: moving Flux into the cluster did. */
  readonly action: ActionName | 'undo' | 'hosted' | 'hostingStart' | 'handOver'
  /** Digest of the plan that the user saw; '' where there is none. */
  readonly plan: string
  readonly patch: unknown
  /** `ok`, or the code of the error. `unknown`: the connection was lost after the request was sent. */
  readonly result: string
  /** HTTP status, null when no answer came. */
  readonly code: number | null
}

export interface AuditLog {
  /** Resolves when it is on disk. Never rejects: a full disk is logged, and does not undo what the cluster already did. */
  record(entry: AuditEntry): Promise<void>
}

const rotate = { rotateBytes: 10 * 1024 * 1024, keep: 5 }
/** A line stays readable; patches of Sluice are far smaller. */
const maxPatchChars = 8192

export function createAuditLog(options: {
  readonly store: BlobStore
  readonly clock: Clock
  readonly logger: Logger
  /** Into the chain; rejects where it cannot be written. Absent where none is kept. */
  readonly append?: (line: AuditLine) => Promise<void>
  /** Hears of every line. */
  readonly told?: (entry: AuditEntry) => void
}): AuditLog {
  const { store, clock, logger, append, told } = options

  async function write(line: AuditLine): Promise<void> {
    if (append !== undefined)
      try {
        await append(line)
        return
      } catch (error) {
        logger.log('warn', 'the audit log is kept as lines for now', { error: String(error) })
      }
    await store.appendLine('audit.jsonl', line.text, rotate)
  }

  return {
    async record(entry) {
      told?.(entry)
      const { group, kind, namespace, name } = entry.object
      // SECURITY: items 12 and 15: a line for each mutation; what looks like a secret is taken out before it reaches the disk.
      const at = clock.now()
      const text = JSON.stringify(
        redactFields({
          time: new Date(at).toISOString(),
          client: entry.client,
          context: entry.context,
          cluster: entry.cluster,
          identity: entry.identity,
          verb: entry.verb,
          object: { group, kind, namespace, name },
          action: entry.action,
          plan: entry.plan,
          patch: capPatch(entry.patch),
          result: entry.result,
          code: entry.code,
        }),
      )
      try {
        await write({ at, text })
      } catch (error) {
        logger.log('error', 'the audit log could not be written', { error: String(error), action: entry.action })
      }
    },
  }
}

function capPatch(patch: unknown): unknown {
  const text = JSON.stringify(patch) ?? 'null'
  return text.length <= maxPatchChars ? patch : `${text.slice(0, maxPatchChars)}…`
}
