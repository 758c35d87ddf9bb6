/** `sluice trace`: one object of any kind, back to the line in Git and the commit. */
import { findFluxKind } from '../../shared/flux/kinds.ts'
import { shortenRevision } from '../../shared/flux/revision.ts'
import { formatAgeColumn } from '../../shared/lib/format/time.ts'
import { SluiceError } from '../../shared/model/errors.ts'
import type { ObjectRef } from '../../shared/model/identity.ts'
import { refTitle } from '../../shared/model/identity.ts'
import type { ObjectTrace, TracedObject, TraceStep } from '../../shared/model/trace.ts'
import { createAllowance } from './allow-named.ts'
import { UsageError } from './failure.ts'
import type { Column, Terminal } from './output.ts'
import { formatJson, formatTable } from './output.ts'
import { findObject } from './read-commands.ts'
import type { Session } from './session.ts'
import { openSession } from './session.ts'
import { openStream } from './stream-items.ts'
import type { TraceObjectOptions } from './trace-options.ts'

/** A first comparison fetches the source and renders it. */
const traceMs = 120_000

/** The exit code. */
export async function runTrace(
  words: readonly string[],
  options: TraceObjectOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { context: contexts, ...more } = options
  const [context] = contexts
  if (contexts.length > 1) throw new UsageError('An object is traced in one context: give --context once.')
  const session = await openSession({ ...more, ...(context === undefined ? {} : { context }) }, terminal, signal)
  try {
    await session.settled()
    const ref = await findAnyObject(session, words)
    // The artifact's host, then the one of the repository.
    const trace = await createAllowance(session, options).retry(() => traceOf(session, ref), hasUnknown)
    if (options.output === 'json') terminal.out(formatJson(trace))
    else terminal.out(formatTrace(trace, Date.now(), terminal))
    if (trace.note !== '') terminal.say(trace.note)
    return trace.steps.length > 0 ? 0 : 1
  } finally {
    await session.dispose()
  }
}

function hasUnknown({ steps }: ObjectTrace): boolean {
  return steps.some(({ place, commit }) => place === null || commit === null)
}

async function traceOf(session: Session, ref: ObjectRef): Promise<ObjectTrace> {
  const stream = openStream(session.handlers, 'trace.watch', { ref }, session.signal)
  try {
    await stream.until(() => stream.isReady, { timeoutMs: traceMs, what: `where ${refTitle(ref)} comes from` })
    const [trace] = stream.items.values()
    if (trace === undefined) throw new SluiceError('NotFound', `${ref.kind} ${refTitle(ref)} was not found.`)
    return trace
  } finally {
    stream.close()
  }
}

/** `deploy/web`, `Deployment/web`, `ks/apps`: what Flux applies has any kind. */
async function findAnyObject(session: Session, words: readonly string[]): Promise<ObjectRef> {
  const slash = words[0]?.indexOf('/') ?? -1
  const [word, name] =
    words.length === 1 && slash > 0 ? [words[0]?.slice(0, slash), words[0]?.slice(slash + 1)] : [words[0], words[1]]
  if (!word || !name || words.length > 2) throw new UsageError('Name one object: KIND/NAME.')
  if (findFluxKind(word) !== null) return (await findObject(session, words)).ref
  const lower = word.toLowerCase()
  const served = session.engine.clusters.view(session.cluster)?.servedAll() ?? []
  const kinds = served.filter(
    ({ kind, plural, group, shortNames }) =>
      [kind.toLowerCase(), plural, `${plural}.${group}`].includes(lower) || shortNames.includes(lower),
  )
  // kubectl as well takes the core group where several have a kind of that name.
  const found = kinds.find(({ group }) => group === '') ?? kinds[0]
  if (found === undefined)
    throw new UsageError(
      `The cluster serves no kind "${word}". Kinds are named like deploy, deployment or deployments.apps.`,
    )
  return session.refTo(found, name)
}

interface Line {
  readonly step: string
  readonly what: string
  readonly status: string
  readonly at: number | null
  readonly words: string
}

function formatTrace(trace: ObjectTrace, now: number, terminal: Terminal): string {
  const lines: Line[] = [objectLine('Object', trace.object)]
  for (const maker of trace.makers) lines.push(objectLine('Made for', maker))
  for (const step of trace.steps) lines.push(...stepLines(step))
  const columns: readonly Column<Line>[] = [
    { title: 'STEP', value: ({ step }) => step },
    { title: 'WHAT', value: ({ what }) => what },
    { title: 'STATUS', value: ({ status }) => status },
    { title: 'AGE', value: ({ at }) => (at === null ? '' : formatAgeColumn(now - at)) },
    { title: 'DETAIL', value: ({ words }) => words },
  ]
  return formatTable(lines, columns, terminal)
}

function objectLine(step: string, { ref, status, at, message }: TracedObject): Line {
  return { step, what: `${ref.kind}/${refTitle(ref)}`, status, at, words: message }
}

function stepLines(step: TraceStep): readonly Line[] {
  const { owner, source, place, placeNote, commit, commitNote, revision, attempted, via, path, originRevision } = step
  const applied = [
    revision === '' ? 'nothing applied yet' : `applied ${shortenRevision(revision)}`,
    attempted === '' ? '' : `could not apply ${shortenRevision(attempted)}: ${owner.message}`,
    via === 'labels' ? 'by its labels only' : '',
  ]
  return [
    { ...objectLine('Applied by', owner), words: applied.filter((word) => word !== '').join(', ') },
    ...(source === null
      ? []
      : [
          {
            ...objectLine('From', source),
            words: [shortenRevision(source.revision), source.url, path].filter((word) => word !== '').join(' '),
          },
        ]),
    {
      step: 'File',
      what: place === null ? '' : `${place.file}${place.line > 0 ? `:${place.line}` : ''}`,
      status: '',
      at: null,
      words: placeNote,
    },
    {
      step: 'Commit',
      what: commit?.sha.slice(0, 12) ?? shortenRevision(originRevision),
      status: '',
      at: commit?.at ?? null,
      words: commit === null ? commitNote : `${commit.author}: ${commit.subject}`,
    },
  ]
}
