/** `sluice suspend | resume | reconcile`: the plan on stderr, a question, then what became of each object. */
import { durationMs } from '../../shared/flux/durations.ts'
import type { ActionName, FieldChange, Operation, OperationItem, Plan, PlanItem } from '../../shared/model/actions.ts'
import { refTitle } from '../../shared/model/identity.ts'
import { SilentFailure, UsageError } from './failure.ts'
import type { OutputFormat, Terminal } from './output.ts'
import { formatJson, formatTable, formatYaml, objectName, plainWords } from './output.ts'
import type { Session } from './session.ts'
import { openStream } from './stream-items.ts'

export interface ActOptions {
  readonly reason?: string | undefined
  /** Milliseconds since the epoch. */
  readonly until?: number | undefined
  readonly isYes: boolean
  /** False: done when every request was sent. */
  readonly isWaiting: boolean
  readonly format: OutputFormat
}

const longestMs = 2 * 60 * 60_000
const done: Readonly<Record<ActionName, string>> = {
  suspend: 'suspended',
  resume: 'resumed',
  reconcile: 'reconciled',
  reconcileWithSource: 'reconciled',
  force: 'reconciled',
  reset: 'reconciled',
  annotate: 'annotated',
  manual: 'made manual',
  hold: 'held',
}

/** Before anything else, so that a script finds out at once: UsageError where a change could not be confirmed. */
export function checkConfirmable(isYes: boolean, terminal: Terminal): void {
  if (isYes || terminal.ask !== null) return
  throw new UsageError('Changes need a confirmation, and nobody can be asked here: add --yes.')
}

/** Makes the plan, asks, executes, and prints a result per object. Throws SilentFailure when one of them was not done. */
export async function act(
  session: Session,
  action: ActionName,
  word: string,
  names: readonly string[],
  options: ActOptions,
  terminal: Terminal,
): Promise<void> {
  const kind = await session.kindOf(word)
  // Who depends on it and who puts it back is known from the lists.
  await session.settled()
  const call = { signal: session.signal, client: 'cli' } as const
  const plan = await session.handlers['plan.prepare'](
    {
      action,
      refs: names.map((name) => session.refTo(kind, name)),
      ...(options.reason === undefined ? {} : { reason: options.reason }),
      ...(options.until === undefined ? {} : { until: options.until }),
    },
    call,
  )
  sayPlan(plan, session, terminal)
  if (plan.changeCount > 0) {
    if (plan.isReasonRequired && (options.reason ?? '').trim() === '')
      throw new UsageError(`Context ${session.context.name} looks like production: say why with --reason.`)
    const question = `${plan.changeCount === 1 ? 'Change 1 object' : `Change ${String(plan.changeCount)} objects`} in ${session.context.name}?`
    if (!options.isYes && !(await terminal.ask?.(question))) {
      terminal.say('Nothing was changed.')
      throw new SilentFailure()
    }
  }
  const items = plan.changeCount === 0 ? plan.items.map(unchangedItem) : await execute(session, plan, options, terminal)
  printItems(items, action, options, terminal)
  for (const item of items)
    if (item.error !== null && item.state !== 'unchanged')
      terminal.say(plainWords([item.error.message, item.error.remedy].filter((text) => text !== '').join('\n')))
  if (items.some(({ state }) => state === 'failed' || state === 'refused' || state === 'canceled'))
    throw new SilentFailure()
}

async function execute(
  session: Session,
  plan: Plan,
  options: ActOptions,
  terminal: Terminal,
): Promise<readonly OperationItem[]> {
  const { handlers } = session
  // Ctrl-C is for the operation first: what was sent is known, what was not is not sent.
  const calls = { signal: new AbortController().signal, client: 'cli' } as const
  const { operation } = await handlers['plan.execute']({ digest: plan.digest }, calls)
  const operations = openStream(handlers, 'operations.watch', {}, calls.signal)
  const items = openStream(handlers, 'operation.items', { operation }, calls.signal)
  const cancel = (): void => {
    void handlers['operation.cancel']({ operation }, calls).catch(() => undefined)
  }
  session.signal.addEventListener('abort', cancel)
  if (session.signal.aborted) cancel()
  const said = new Map<string, string>()
  try {
    await operations.until(
      () => {
        if (options.isWaiting) for (const item of items.items.values()) sayProgress(item, said, terminal)
        const state = operations.items.get(operation)
        return isOver(state) || (!options.isWaiting && [...items.items.values()].every(isSent))
      },
      { timeoutMs: longestMs, what: 'the operation' },
    )
    return [...items.items.values()]
  } finally {
    session.signal.removeEventListener('abort', cancel)
    operations.close()
    items.close()
  }
}

function isOver(operation: Operation | undefined): boolean {
  return operation !== undefined && operation.endedAt !== null
}

function isSent(item: OperationItem): boolean {
  if (item.state === 'queued') return false
  return item.state !== 'running' || item.stages.some(({ name, state }) => name === 'requested' && state === 'done')
}

/** One line per stage that an item comes to, each once. */
function sayProgress(item: OperationItem, said: Map<string, string>, terminal: Terminal): void {
  const shown = [...item.stages]
    .reverse()
    .find(({ state, message }) => state === 'running' || state === 'done' || (state === 'waiting' && message !== ''))
  if (shown === undefined || item.state !== 'running') return
  const line = `${refTitle(item.ref)}: ${shown.name}${shown.state === 'done' ? '' : ' …'}${shown.message === '' ? '' : ` ${shown.message}`}`
  if (said.get(item.key) === line) return
  said.set(item.key, line)
  terminal.say(plainWords(line))
}

function sayPlan(plan: Plan, session: Session, terminal: Terminal): void {
  const production = plan.contexts.some(({ isProduction }) => isProduction) ? ' (production)' : ''
  const counts = [
    `${String(plan.changeCount)} to change`,
    plan.unchangedCount > 0 ? `${String(plan.unchangedCount)} unchanged` : '',
    plan.refusedCount > 0 ? `${String(plan.refusedCount)} refused` : '',
  ]
  const lines = [`Plan for ${session.context.name}${production}: ${counts.filter((text) => text !== '').join(', ')}`]
  for (const item of plan.items) {
    lines.push(`  ${item.ref.kind} ${refTitle(item.ref)}${item.effect === 'change' ? '' : `: ${item.effect}`}`)
    for (const line of detailLines(item)) lines.push(`    ${line}`)
  }
  lines.push(`Digest ${plan.digest}`)
  terminal.say(plainWords(lines.join('\n')))
}

function detailLines(item: PlanItem): readonly string[] {
  return [
    ...(item.refusal === null ? [] : [item.refusal.message]),
    ...item.changes.map(changeLine),
    ...item.notes.map(({ level, text }) => (level === 'warning' ? `Warning: ${text}` : text)),
    ...(item.dependents.length === 0
      ? []
      : [`${String(item.dependents.length)} depend on it: ${item.dependents.slice(0, 10).map(refTitle).join(', ')}`]),
  ]
}

function changeLine({ path, before, after }: FieldChange): string {
  const field = path
    .replace(/^(.*? )?\/metadata\/annotations\//, '$1')
    .replaceAll('~1', '/')
    .replaceAll('~0', '~')
  return `${field}: ${before ?? '(absent)'} → ${after ?? '(absent)'}`
}

function unchangedItem(item: PlanItem): OperationItem {
  const state = item.effect === 'unchanged' ? 'unchanged' : 'refused'
  return { key: '', ref: item.ref, state, stages: [], error: item.refusal, message: item.refusal?.message ?? '' }
}

function printItems(
  items: readonly OperationItem[],
  action: ActionName,
  options: ActOptions,
  terminal: Terminal,
): void {
  const word = (item: OperationItem): string =>
    item.state === 'done' ? done[action] : item.state === 'running' ? 'requested' : item.state
  if (options.format === 'json') terminal.out(formatJson(items))
  else if (options.format === 'yaml') terminal.out(formatYaml(items, terminal))
  else if (options.format === 'name')
    terminal.out(
      items
        .filter(({ state }) => state === 'done' || state === 'running')
        .map(({ ref }) => objectName(ref))
        .join('\n'),
    )
  else
    terminal.out(
      formatTable(
        items,
        [
          { title: 'KIND', value: ({ ref }) => ref.kind },
          { title: 'NAME', value: ({ ref }) => refTitle(ref) },
          { title: 'RESULT', value: word },
          { title: 'MESSAGE', value: ({ message }) => message },
        ],
        terminal,
      ),
    )
}

/** `--until`: RFC 3339 or a duration from now (`2h`, `3d`); ms since the epoch. */
export function parseUntil(text: string, now: number): number {
  const days = /^(\d+)d$/.exec(text)
  const ms = days === null ? durationMs(text) : Number(days[1]) * 86_400_000
  const at = ms === null ? Date.parse(/^\d{4}-\d\d-\d\d/.test(text) ? text : 'x') : now + ms
  if (Number.isNaN(at))
    throw new UsageError(`--until takes a time like 2026-10-01T12:00:00Z or a duration like 2h or 3d, not "${text}".`)
  if (at <= now) throw new UsageError(`--until lies in the past: ${text}.`)
  return at
}
