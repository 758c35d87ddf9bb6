/** What a comparison found, on its way to a terminal: drift on stdout; whatever is not known, and why, on stderr. Never "no drift" for "not known". */
import { formatAgeColumn } from '../../shared/lib/format/time.ts'
import { neutralizeText } from '../../shared/lib/text.ts'
import type { DriftField, DriftObject, DriftOwner, DriftTexts } from '../../shared/model/drift.ts'
import { countsAsDrift, isDrift, isRecordOnly, isSettled } from '../../shared/model/drift.ts'
import type { SluiceErrorData } from '../../shared/model/errors.ts'
import type { ObjectRef } from '../../shared/model/identity.ts'
import { refKey, refTitle } from '../../shared/model/identity.ts'
import type { DriftFormat } from './drift-options.ts'
import type { Column, Terminal } from './output.ts'
import { formatJson, formatTable } from './output.ts'
import { unifiedDiff } from '../engine/diff/unified-diff.ts'

export const exitCodes = { none: 0, drift: 1, failed: 2 } as const

/** One Kustomization or HelmRelease, compared or not. */
export interface ReportedOwner {
  /** '' where only one context is asked. */
  readonly context: string
  readonly ref: ObjectRef
  /** null: it could not be compared; `error` says why. */
  readonly owner: DriftOwner | null
  readonly objects: readonly ReportedObject[]
  readonly error: SluiceErrorData | null
}

export interface ReportedObject {
  readonly object: DriftObject
  /** Of objects that the next apply writes. */
  readonly fields: readonly DriftField[]
  /** Of those, where the output shows them; a fault instead where they cannot be had. */
  readonly texts: DriftTexts | SluiceErrorData | null
}

export interface Report {
  readonly owners: readonly ReportedOwner[]
  /** Kinds that could not be listed, and the like: something may be missing from `owners`. */
  readonly problems: readonly string[]
}

const shownActions: Partial<Record<DriftObject['action'], string>> = {
  created: 'missing',
  pruned: 'not in Git any more',
  recreated: 'replaced as a whole',
}

/** The exit code. */
export function printReport(
  report: Report,
  options: { readonly format: DriftFormat; readonly isVerbose: boolean; readonly now: number },
  terminal: Terminal,
): number {
  const written = report.owners
    .flatMap((owner) => owner.objects.filter(({ object }) => isDrift(object.action)).map((one) => ({ owner, ...one })))
    .sort((a, b) => Number(isRecordOnly(a.object)) - Number(isRecordOnly(b.object)))
  const drifted = written.filter(({ object }) => countsAsDrift(object))
  if (options.format === 'json') terminal.out(formatJson(toJson(report)))
  else if (options.format === 'diff') printDiffs(written, terminal)
  else if (written.length > 0)
    terminal.out(formatTable(written.flatMap(toLines), columnsOf(report, options.now), terminal))
  const unknownCount = sayUnknown(report, options.isVerbose, terminal)
  sayFidelity(report, options.isVerbose, terminal)
  const compared = report.owners.filter(({ error }) => error === null)
  const count = compared.reduce((sum, { owner }) => sum + (owner?.objectCount ?? 0), 0)
  const words = [
    `${drifted.length} of ${plural(count, 'object')} in ${plural(compared.length, 'owner')} ${drifted.length === 1 ? 'differs' : 'differ'} from Git`,
    recordOnlyText(written.length - drifted.length),
    unknownCount === 0 ? '' : `${unknownCount} not known`,
  ]
  terminal.say(`${words.filter((text) => text !== '').join('; ')}.`)
  return drifted.length > 0 ? exitCodes.drift : unknownCount > 0 ? exitCodes.failed : exitCodes.none
}

/** '' where there is none. */
function recordOnlyText(count: number): string {
  if (count === 0) return ''
  return `${plural(count, 'object')} ${count === 1 ? 'differs only in who owns its' : 'differ only in who owns their'} fields`
}

type Drifted = ReportedObject & { readonly owner: ReportedOwner }
type Line = Drifted & { readonly field: DriftField | null }

/** A line for each field that the next apply changes or takes over; one for an object that comes or goes. */
function toLines(one: Drifted): readonly Line[] {
  const fields = one.fields.filter(({ verdict }) => verdict !== 'notOwned' && verdict !== 'ignored')
  if (one.object.action !== 'configured' || fields.length === 0) return [{ ...one, field: null }]
  return fields.map((field) => ({ ...one, field }))
}

function columnsOf({ owners }: Report, now: number): readonly Column<Line>[] {
  const hasContexts = owners.some(({ context }) => context !== '')
  const columns: readonly (Column<Line> | null)[] = [
    hasContexts ? { title: 'CONTEXT', value: ({ owner }) => owner.context } : null,
    { title: 'OWNER', value: ({ owner }) => titleOf(owner.ref) },
    { title: 'OBJECT', value: ({ object }) => titleOf(object.ref) },
    { title: 'FIELD', value: ({ field }) => field?.path ?? '' },
    {
      title: 'MANAGER',
      // managedFields record who wrote a field, never who removed one.
      value: ({ field, object }) =>
        field === null
          ? object.managers.join(',')
          : `${field.change === 'removed' && field.blame !== null ? 'probably ' : ''}${field.blame?.manager ?? ''}`,
    },
    { title: 'AGE', value: ({ field }) => (field?.blame?.at == null ? '' : formatAgeColumn(now - field.blame.at)) },
    { title: 'GIT → LIVE', value: changeOf },
  ]
  return columns.filter((column) => column !== null)
}

function changeOf({ field, object }: Line): string {
  if (field === null) return shownActions[object.action] ?? object.summary
  if (field.verdict === 'record') return `record only: holds ${field.liveValue ?? ''}; no value changes`
  if (field.isSecret) return `value ${field.change}`
  const live = `${field.gitValue ?? '(absent)'} → ${field.liveValue ?? '(absent)'}`
  return field.verdict === 'reclaimed' ? `${live}, will be removed` : live
}

function printDiffs(drifted: readonly Drifted[], terminal: Terminal): void {
  for (const { owner, object, texts } of drifted) {
    const title = `${object.ref.kind}/${refTitle(object.ref)}`
    const where = owner.context === '' ? '' : ` in ${owner.context}`
    const origin =
      object.origin === null ? '' : `, ${object.origin.file}${object.origin.line > 0 ? `:${object.origin.line}` : ''}`
    if (texts === null || 'code' in texts) {
      terminal.say(
        `${titleOf(object.ref)} of ${titleOf(owner.ref)}${where}: ${texts?.message ?? 'its texts were not asked for'}`,
      )
      continue
    }
    const git = object.action === 'pruned' ? '' : texts.git
    const live = object.action === 'created' ? '' : texts.live
    const text = unifiedDiff(git, live, {
      before: git === '' ? '/dev/null' : `Git/${title}`,
      after: live === '' ? '/dev/null' : `live/${title}`,
    })
    if (text === '') {
      terminal.say(`${titleOf(object.ref)} of ${titleOf(owner.ref)}${where}: its texts are equal; ${object.summary}`)
      continue
    }
    const whole = `# ${titleOf(owner.ref)}${where}: ${titleOf(object.ref)}${origin}\n${text}`
    terminal.out(terminal.isOutTerminal ? neutralizeText(whole) : whole)
  }
}

/** Says what nothing can be said about, like cases together; how many owners and objects those are. */
function sayUnknown({ owners, problems }: Report, isVerbose: boolean, terminal: Terminal): number {
  for (const problem of problems) terminal.say(problem)
  const cases = new Map<string, { readonly words: string; readonly titles: string[] }>()
  let count = problems.length
  const add = (key: string, title: string, words: string): void => {
    count += 1
    const known = cases.get(key)
    if (known === undefined) cases.set(key, { words, titles: [] })
    else known.titles.push(isVerbose ? words : title)
  }
  for (const { context, ref, error, objects } of owners) {
    const where = context === '' ? '' : ` in ${context}`
    const title = `${titleOf(ref)}${where}`
    if (error !== null) {
      add(caseOf(context, ref, error), title, `${title} could not be compared: ${wordsOf(error)}`)
      continue
    }
    for (const { object } of objects) {
      // The next apply changes nothing, or is known; what stands beside the others is why they are approximate.
      if (isSettled(object.action)) continue
      const { problem } = object
      const moving = object.action === 'moving' ? 'it changed while it was compared.' : object.summary
      const words = `${titleOf(object.ref)} of ${title} is not known: ${problem === null ? moving : wordsOf(problem)}`
      add(caseOf(context, object.ref, problem), titleOf(object.ref), words)
    }
  }
  for (const { words, titles } of cases.values()) {
    terminal.say(words)
    if (isVerbose) for (const title of titles) terminal.say(title)
    else if (titles.length > 0) terminal.say(`  The same holds for ${someOf(titles)}.`)
  }
  const approximate = owners.filter(({ owner }) => owner?.isApproximate === true)
  if (approximate.length > 0) {
    const titles = approximate.map(({ ref }) => titleOf(ref))
    terminal.say(`Compared without dry-runs, so approximately: ${isVerbose ? titles.join(', ') : someOf(titles)}.`)
  }
  return count
}

/** A missing right is one case for all objects of a kind; anything else is said of each. */
function caseOf(context: string, ref: ObjectRef, error: SluiceErrorData | null): string {
  const kind = `${context}|${ref.group}/${ref.kind}|${error?.code ?? ''}`
  return error?.code === 'Forbidden' || error?.code === 'HostNotAllowed' ? kind : `${kind}|${refKey(ref)}`
}

const maxTitles = 3

function someOf(titles: readonly string[]): string {
  if (titles.length <= maxTitles + 1) return titles.join(', ')
  return `${titles.slice(0, maxTitles).join(', ')} and ${titles.length - maxTitles} more`
}

function sayFidelity({ owners }: Report, isVerbose: boolean, terminal: Terminal): void {
  for (const { context, ref, owner } of owners) {
    const fidelity = owner?.fidelity ?? null
    if (fidelity === null) continue
    const where = context === '' ? '' : ` in ${context}`
    if (fidelity.word === 'differs')
      terminal.say(
        `${titleOf(ref)}${where} was rendered otherwise than by its controller. ${fidelity.reasons.join(' ')}`,
      )
    if (!isVerbose) continue
    if (fidelity.word === 'none')
      terminal.say(`${titleOf(ref)}${where} could not be verified. ${fidelity.reasons.join(' ')}`)
    for (const assumption of fidelity.assumptions) terminal.say(`${titleOf(ref)}${where}: ${assumption}`)
  }
}

function toJson({ owners, problems }: Report): unknown {
  return {
    owners: owners.map(({ context, ref, owner, error, objects }) => ({
      ...(context === '' ? {} : { context }),
      ref,
      error,
      result: owner,
      objects: objects.map(({ object, fields }) => ({ ...object, isRecordOnly: isRecordOnly(object), fields })),
    })),
    problems,
  }
}

function wordsOf({ message, detail, remedy }: SluiceErrorData): string {
  const more = [detail === '' || message.includes(detail) ? '' : detail, remedy]
  return [message, ...more]
    .filter((text) => text !== '')
    .map((text) => (/[.!?]$/.test(text) ? text : `${text}.`))
    .join(' ')
}

function titleOf(ref: ObjectRef): string {
  return `${ref.kind} ${refTitle(ref)}`
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}
