/** `sluice audit`: the actions as they are kept, and whether they are what was written. */
import { existsSync } from 'node:fs'
import type { AuditCheck, AuditRow } from '../../shared/model/audit.ts'
import { historyFiles } from '../adapters/event-store/event-store.ts'
import type { EventStore } from '../engine/history/event-store-port.ts'
import type { AuditOptions } from './history-options.ts'
import { parsePast } from './history-options.ts'
import { isThere, withStore } from './open-store.ts'
import type { Column, Terminal } from './output.ts'
import { escapeJson, formatJson, formatTable } from './output.ts'
import { timeColumn } from './time-column.ts'

const pageRows = 1000

/** The exit code. */
export async function runAudit(options: AuditOptions, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { output, verify = false } = options
  const since = options.since === undefined ? 0 : parsePast('--since', options.since, Date.now())
  return withStore(async (store, dataDir) => {
    // What an older Sluice wrote beside the store, or this one while it could not be written.
    if (existsSync(historyFiles(dataDir).auditFile))
      await store
        .takeOldAudit()
        .catch((error: unknown) => terminal.say(`Lines beside the store stay there: ${String(error)}`))
    if (!(await isThere(store, dataDir, terminal))) {
      if (output === 'json') terminal.out(formatJson(verify ? await store.verifyAudit(signal) : []))
      return 0
    }
    if (verify) return printCheck(await store.verifyAudit(signal), options, terminal)
    await printRows(store, since, options, terminal, signal)
    return 0
  })
}

function printCheck(check: AuditCheck, { output }: AuditOptions, terminal: Terminal): number {
  const { rows, first, head, digest, faults } = check
  if (output !== 'table') terminal.out(formatJson(check))
  else if (faults.length > 0) terminal.out(faults.map(({ message }) => message).join('\n'))
  else if (rows === 0) terminal.out('Whole: no action was taken yet.')
  else
    terminal.out(
      `Whole: ${rows === 1 ? 'row' : `${rows} rows,`} ${first}${rows === 1 ? '' : ` to ${head}`}, ends with ${digest}`,
    )
  if (faults.length === 0) return 0
  terminal.say('The audit log is not what was written.')
  return 1
}

async function printRows(
  store: EventStore,
  since: number,
  { output }: AuditOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const all: AuditRow[] = []
  for (let after = 0; ;) {
    signal.throwIfAborted()
    const page = await store.audit({ since, after, limit: pageRows }, signal)
    // Each line as it is, so that its digest stays true; on a terminal without what moves its cursor.
    if (output === 'jsonl' && page.length > 0)
      terminal.out(page.map(({ line }) => (terminal.isOutTerminal ? escapeJson(line) : line)).join('\n'))
    else all.push(...page)
    const last = page.at(-1)
    if (last === undefined || page.length < pageRows) break
    after = last.n
  }
  if (output === 'jsonl') return
  if (output === 'json')
    terminal.out(formatJson(all.map(({ line, digest }) => ({ ...(JSON.parse(line) as object), digest }))))
  else if (all.length === 0) terminal.say('No action was taken.')
  else terminal.out(formatTable(all.map(readAction), columns, terminal))
}

interface Action {
  readonly row: AuditRow
  readonly said: Readonly<Record<string, unknown>>
}

function readAction(row: AuditRow): Action {
  return { row, said: JSON.parse(row.line) as Record<string, unknown> }
}

function textOf({ said }: Action, name: string): string {
  const value = said[name]
  return typeof value === 'string' ? value : ''
}

const columns: readonly Column<Action>[] = [
  { title: 'ROW', value: ({ row }) => String(row.n) },
  { title: 'TIME', value: ({ row }) => (row.at === 0 ? '' : timeColumn(row.at)) },
  { title: 'BY', value: (action) => textOf(action, 'client') },
  { title: 'CONTEXT', value: (action) => textOf(action, 'context') },
  { title: 'IDENTITY', value: (action) => textOf(action, 'identity') },
  { title: 'ACTION', value: (action) => textOf(action, 'action') },
  { title: 'OBJECT', value: objectOf },
  { title: 'RESULT', value: (action) => textOf(action, 'result') || textOf(action, 'text') || removedOf(action) },
]

function objectOf({ said }: Action): string {
  if (typeof said['object'] !== 'object' || said['object'] === null) return ''
  const { kind, namespace, name } = said['object'] as Record<string, unknown>
  return [kind, namespace, name].filter((part) => typeof part === 'string' && part !== '').join('/')
}

function removedOf({ said }: Action): string {
  if (typeof said['removed'] !== 'object' || said['removed'] === null) return ''
  const { from, until } = said['removed'] as Record<string, unknown>
  return `rows ${String(from)} to ${String(until)} were too old, or too many`
}
