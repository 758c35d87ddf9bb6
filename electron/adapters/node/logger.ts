import type { BlobStore, Logger } from '../../engine/ports.ts'
import { redactFields, redactText } from '../../../shared/lib/redact.ts'

/** JSON lines in `logs/NAME.jsonl` of the store, rotated and redacted; local only. Faults of the log itself are swallowed: nothing may hang on it. */
export function createFileLogger(store: BlobStore, name: string, now: () => number): Logger {
  return {
    log(level, message, fields) {
      const line = JSON.stringify({
        time: new Date(now()).toISOString(),
        level,
        message: redactText(message),
        ...redactFields(fields ?? {}),
      })
      store.appendLine(`logs/${name}.jsonl`, line, { rotateBytes: 5_000_000, keep: 3 }).catch(() => undefined)
    },
  }
}

/** Words on stderr, for the command line: warnings and errors only unless asked for more. */
export function createStderrLogger(isVerbose: boolean): Logger {
  return {
    log(level, message) {
      if (isVerbose || level === 'error' || level === 'warn') process.stderr.write(`${level}: ${redactText(message)}\n`)
    },
  }
}
