/** `sluice contexts | get | tree | events`: what is there. */
import { formatAgeColumn } from '../../shared/lib/format/time.ts'
import { compareRows, compareText } from '../../shared/lib/row-order.ts'
import { shortenRevision } from '../../shared/flux/revision.ts'
import { SluiceError } from '../../shared/model/errors.ts'
import type { ObjectRef } from '../../shared/model/identity.ts'
import { refTitle } from '../../shared/model/identity.ts'
import type { ContextRow, EventRow, FluxRow, KindRow, TreeNode } from '../../shared/model/rows.ts'
import { startCliEngine } from './compose.ts'
import { UsageError } from './failure.ts'
import type { Column, OutputFormat, Terminal } from './output.ts'
import { formatJson, formatTable, formatYaml, objectName } from './output.ts'
import type { GlobalOptions, Session } from './session.ts'
import { checkVisible } from './session.ts'
import { openStream } from './stream-items.ts'

const streamMs = 60_000

/** Rows in the format asked for; an empty table prints nothing. */
function print<T>(
  rows: readonly T[],
  format: OutputFormat,
  terminal: Terminal,
  as: { readonly columns: readonly Column<T>[]; readonly name: (row: T) => string; readonly isSingle?: boolean },
): void {
  const value = as.isSingle === true ? rows[0] : rows
  if (format === 'json') terminal.out(formatJson(value))
  else if (format === 'yaml') terminal.out(formatYaml(value, terminal))
  else if (rows.length === 0) return
  else if (format === 'name') terminal.out(rows.map(as.name).join('\n'))
  else terminal.out(formatTable(rows, as.columns, terminal))
}

export async function listContexts(
  options: GlobalOptions,
  format: OutputFormat,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const cli = await startCliEngine({
    kubeconfig: options.kubeconfig,
    choose: () => null,
    isVerbose: options.verbose === true,
    env: process.env,
  })
  try {
    const stream = openStream(cli.engine.handlers, 'contexts.watch', {}, signal)
    await stream.until(() => stream.isReady, { timeoutMs: streamMs, what: 'the kubeconfig' })
    const rows = [...stream.items.values()]
    for (const file of cli.set.files)
      if (file.problem !== null) terminal.say([file.problem.message, file.problem.remedy].filter(Boolean).join('\n'))
    if (rows.length === 0) terminal.say('No contexts. Set KUBECONFIG, or name a file with --kubeconfig.')
    const columns: readonly Column<ContextRow>[] = [
      { title: 'CURRENT', value: ({ key }) => (key === cli.set.current ? '*' : '') },
      { title: 'NAME', value: ({ name }) => name },
      { title: 'SERVER', value: ({ server }) => server },
      { title: 'USER', value: ({ user }) => user },
      { title: 'NAMESPACE', value: ({ namespace }) => namespace },
      { title: 'ACCESS', value: ({ isReadOnly }) => (isReadOnly ? 'read-only' : 'read-write') },
      { title: 'FILE', value: ({ file }) => file },
    ]
    print(rows, format, terminal, { columns, name: ({ key }) => key })
  } finally {
    await cli.dispose()
  }
}

export async function getRows(
  session: Session,
  word: string,
  name: string | undefined,
  format: OutputFormat,
  terminal: Terminal,
): Promise<void> {
  const isAll = word.toLowerCase() === 'all'
  if (isAll && name !== undefined) throw new UsageError('`get all` takes no name.')
  const kind = isAll ? null : await session.kindOf(word)
  if (kind !== null) checkVisible(kind, session.context)
  const rows = [...(await session.rowsOf(kind === null ? null : [kind]))]
    .filter(({ ref }) => name === undefined || ref.name === name)
    .sort((a, b) => (isAll ? compareRows(a, b) : compareNames(a, b)))
  if (isAll) sayHidden(session, terminal)
  const where = session.namespace === '' ? session.context.name : `namespace ${session.namespace}`
  if (rows.length === 0) {
    if (name !== undefined)
      throw new SluiceError('NotFound', `${kind?.kind ?? ''} ${name} was not found in ${where}.`, {
        remedy: 'Name its namespace with -n, or look everywhere with -A.',
      })
    terminal.say(`No ${kind?.plural ?? 'Flux objects'} in ${where}.`)
  }
  const now = Date.now()
  const columns: readonly (Column<FluxRow> | null)[] = [
    session.namespace === '' ? { title: 'NAMESPACE', value: ({ ref }) => ref.namespace } : null,
    isAll ? { title: 'KIND', value: ({ ref }) => ref.kind } : null,
    { title: 'NAME', value: ({ ref }) => ref.name },
    { title: 'REVISION', value: ({ revision }) => shortenRevision(revision) },
    { title: 'SUSPENDED', value: ({ isSuspended }) => (isSuspended === null ? '' : isSuspended ? 'True' : 'False') },
    { title: 'STATUS', value: ({ status }) => (status.isOverdue ? `${status.word} (overdue)` : status.word) },
    { title: 'AGE', value: ({ createdAt }) => (createdAt === null ? '' : formatAgeColumn(now - createdAt)) },
    { title: 'MESSAGE', value: ({ status }) => status.message },
  ]
  print(rows, format, terminal, {
    columns: columns.filter((column) => column !== null),
    name: ({ ref }) => objectName(ref),
    isSingle: name !== undefined && rows.length === 1,
  })
}

/** Kinds that are there but may not be seen are said, not left out in silence. */
function sayHidden(session: Session, terminal: Terminal): void {
  for (const kind of session.kinds.items.values())
    if (kind.state === 'forbidden')
      terminal.say(`You may not list ${kind.plural} in ${session.context.name}. ${kind.message}`.trim())
}

function compareNames(a: FluxRow, b: FluxRow): number {
  return compareText(a.ref.namespace, b.ref.namespace) || compareText(a.ref.name, b.ref.name)
}

/** `ks/apps`, or `ks` and `apps`. */
export async function findObject(
  session: Session,
  words: readonly string[],
): Promise<{ ref: ObjectRef; kind: KindRow }> {
  const slash = words[0]?.indexOf('/') ?? -1
  const [word, name] =
    words.length === 1 && slash > 0 ? [words[0]?.slice(0, slash), words[0]?.slice(slash + 1)] : [words[0], words[1]]
  if (!word || !name || words.length > 2) throw new UsageError('Name one object: KIND/NAME.')
  const kind = await session.kindOf(word)
  checkVisible(kind, session.context)
  const matches = (await session.rowsOf([kind])).filter(({ ref }) => ref.name === name)
  if (matches.length > 1)
    throw new UsageError(
      `Several objects are named ${name}: ${matches.map(({ ref }) => refTitle(ref)).join(', ')}. Choose with -n.`,
    )
  const [found] = matches
  if (found !== undefined) return { ref: found.ref, kind }
  const where = session.namespace === '' ? session.context.name : `namespace ${session.namespace}`
  throw new SluiceError('NotFound', `${kind.kind} ${name} was not found in ${where}.`, {
    remedy: 'Name its namespace with -n.',
  })
}

export async function printTree(
  session: Session,
  words: readonly string[],
  format: OutputFormat,
  terminal: Terminal,
): Promise<void> {
  const { ref } = await findObject(session, words)
  const stream = openStream(session.handlers, 'tree.watch', { ref }, session.signal)
  await stream.until(() => stream.isReady, { timeoutMs: streamMs, what: `the tree of ${refTitle(ref)}` })
  const nodes = [...stream.items.values()].sort((a, b) => a.order - b.order)
  stream.close()
  const children = new Map<string | null, TreeNode[]>()
  for (const node of nodes) {
    const parent = node.parent !== null && stream.items.has(node.parent) ? node.parent : null
    children.set(parent, [...(children.get(parent) ?? []), node])
  }
  const lines: { readonly label: string; readonly node: TreeNode }[] = []
  const add = (node: TreeNode, before: string, isLast: boolean, isRoot: boolean): void => {
    lines.push({
      label: `${before}${isRoot ? '' : isLast ? '└─ ' : '├─ '}${node.shortKind}/${refTitle(node.ref)}`,
      node,
    })
    const own = children.get(node.key) ?? []
    own.forEach((child, index) => {
      add(child, isRoot ? '' : `${before}${isLast ? '   ' : '│  '}`, index === own.length - 1, false)
    })
  }
  for (const root of children.get(null) ?? []) add(root, '', true, true)
  const columns: readonly Column<(typeof lines)[number]>[] = [
    { title: 'OBJECT', value: ({ label }) => label },
    { title: 'READY', value: ({ node }) => node.ready },
    { title: 'STATUS', value: ({ node }) => node.status },
    { title: 'MESSAGE', value: ({ node }) => node.problem?.message ?? (node.cause || node.message) },
  ]
  if (format === 'json') terminal.out(formatJson(nodes))
  else if (format === 'yaml') terminal.out(formatYaml(nodes, terminal))
  else if (format === 'name') terminal.out(nodes.map((node) => objectName(node.ref)).join('\n'))
  else terminal.out(formatTable(lines, columns, terminal))
}

export async function printEvents(
  session: Session,
  words: readonly string[],
  limit: number,
  format: OutputFormat,
  terminal: Terminal,
): Promise<void> {
  const target = words.length === 0 ? null : await findObject(session, words)
  const input = target === null ? { limit } : { limit, ref: target.ref }
  const stream = openStream(session.handlers, 'events.watch', input, session.signal)
  await stream.until(() => stream.isReady, { timeoutMs: streamMs, what: 'events' })
  stream.close()
  const events = [...stream.items.values()]
    .filter(({ involved }) => target !== null || session.namespace === '' || involved.namespace === session.namespace)
    .sort((a, b) => a.lastAt - b.lastAt)
  if (events.length === 0)
    terminal.say(target === null ? 'No events.' : `No events of ${target.ref.kind} ${refTitle(target.ref)}.`)
  const now = Date.now()
  const columns: readonly Column<EventRow>[] = [
    { title: 'LAST', value: ({ lastAt }) => formatAgeColumn(now - lastAt) },
    { title: 'TYPE', value: ({ type }) => type },
    { title: 'REASON', value: ({ reason }) => reason },
    { title: 'OBJECT', value: ({ involved }) => `${involved.kind}/${refTitle(involved)}` },
    { title: 'COUNT', value: ({ count }) => String(count) },
    { title: 'MESSAGE', value: ({ message }) => message },
  ]
  print(events, format, terminal, { columns, name: ({ involved }) => objectName(involved) })
}
