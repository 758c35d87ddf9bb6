/**
 * The output of one entry as the window may see it: objects with their places in one text, secret values hidden, and what changed against
 * the output before. Pure over what the renderer gave.
 */
import type { RepositoryHunk, RepositoryObject } from '../../../shared/model/repository.ts'
import { diffLines } from './line-diff.ts'
import { maskDocument } from './mask.ts'
import type { HiddenField } from './mask.ts'
import type { RenderedObject, TreeRender } from './renderer-port.ts'

export interface ShownObject {
  readonly summary: RepositoryObject
  /** Masked text of the document. */
  readonly text: string
  /** What the renderer gave: differences and revealed values are read from it. */
  readonly yaml: string
  readonly sensitive: RenderedObject['sensitive']
  readonly hidden: readonly HiddenField[]
}

export interface RenderedEntry {
  readonly revision: number
  readonly render: TreeRender
  readonly objects: readonly ShownObject[]
  readonly byKey: ReadonlyMap<string, ShownObject>
  /** Characters of the whole text. */
  readonly length: number
  readonly lineCount: number
  /** Objects that were there before and are not any more, as `Kind namespace/name`. */
  readonly removed: readonly string[]
  readonly changedCount: number
  /** `namespace/name` of the Flux Kustomizations among the objects. */
  readonly declares: readonly string[]
}

/** Between two documents of a text. */
export const separator = '---\n'

/** `before`: the output to compare with; null marks nothing. */
export function showRender(render: TreeRender, before: RenderedEntry | null, revision: number): RenderedEntry {
  const seen = new Map<string, number>()
  const byKey = new Map<string, ShownObject>()
  const objects: ShownObject[] = []
  let line = 1
  let length = 0
  let changedCount = 0
  for (const object of render.objects) {
    const key = uniqueKey(object, seen)
    if (objects.length > 0) {
      line += 1
      length += separator.length
    }
    const old = before?.byKey.get(key) ?? null
    const masked =
      old !== null && old.yaml === object.yaml && isSamePaths(old.sensitive, object.sensitive)
        ? { text: old.text, hidden: old.hidden }
        : maskDocument(object.yaml, object.sensitive)
    const lineCount = countLines(masked.text)
    const change = before === null ? null : old === null ? 'added' : old.yaml === object.yaml ? null : 'changed'
    if (change !== null) changedCount += 1
    const shown: ShownObject = {
      summary: {
        key,
        group: groupOf(object.apiVersion),
        kind: object.kind,
        namespace: object.namespace,
        name: object.name,
        line,
        lineCount,
        origin: object.origin === null ? null : { ...object.origin },
        change,
        hunks: change === null ? [] : hunksOf(change, old, object.yaml, lineCount, line),
        hidden: masked.hidden.map(({ field }) => field),
      },
      text: masked.text,
      yaml: object.yaml,
      sensitive: object.sensitive,
      hidden: masked.hidden,
    }
    objects.push(shown)
    byKey.set(key, shown)
    line += lineCount
    length += masked.text.length
  }
  const removed =
    before === null
      ? []
      : before.objects.filter(({ summary }) => !byKey.has(summary.key)).map(({ summary }) => titleOf(summary))
  return {
    revision,
    render,
    objects,
    byKey,
    length,
    lineCount: line - 1,
    removed,
    changedCount: changedCount + removed.length,
    declares: objects.flatMap(({ summary }) =>
      summary.kind === 'Kustomization' && summary.group === fluxGroup ? [`${summary.namespace}/${summary.name}`] : [],
    ),
  }
}

const fluxGroup = 'kustomize.toolkit.fluxcd.io'

/** The same output without marks: a later change made them old. */
export function withoutMarks(entry: RenderedEntry): RenderedEntry {
  if (entry.changedCount === 0) return entry
  const objects = entry.objects.map((object) =>
    object.summary.change === null ? object : { ...object, summary: { ...object.summary, change: null, hunks: [] } },
  )
  return {
    ...entry,
    objects,
    byKey: new Map(objects.map((object) => [object.summary.key, object])),
    removed: [],
    changedCount: 0,
  }
}

/** True when both show the same, so that nobody has to read it again. */
export function isSameRender(a: TreeRender, b: TreeRender): boolean {
  return (
    a.objects.length === b.objects.length &&
    a.objects.every((object, index) => {
      const other = b.objects[index]
      return (
        other !== undefined &&
        object.yaml === other.yaml &&
        object.origin?.file === other.origin?.file &&
        object.origin?.line === other.origin?.line
      )
    }) &&
    JSON.stringify([a.digest, a.warnings, a.assumptions, a.error]) ===
      JSON.stringify([b.digest, b.warnings, b.assumptions, b.error])
  )
}

/** The whole text, documents separated by `---`. */
export function textOf(entry: RenderedEntry): string {
  return entry.objects.map(({ text }) => text).join(separator)
}

export function titleOf(object: Pick<RepositoryObject, 'kind' | 'namespace' | 'name'>): string {
  return `${object.kind} ${object.namespace === '' ? object.name : `${object.namespace}/${object.name}`}`
}

function hunksOf(
  change: 'added' | 'changed',
  old: ShownObject | null,
  yaml: string,
  lineCount: number,
  firstLine: number,
): readonly RepositoryHunk[] {
  if (change === 'added' || old === null) return [{ line: firstLine, added: lineCount, removed: [] }]
  // Differences are found in what is hidden, too; what is shown of them is masked.
  const oldShown = linesOf(old.text)
  return diffLines(linesOf(old.yaml), linesOf(yaml)).map((hunk) => ({
    line: firstLine + hunk.start,
    added: hunk.added,
    removed: oldShown.slice(hunk.oldStart, hunk.oldStart + hunk.removed).slice(0, maxRemovedLines),
  }))
}

function isSamePaths(a: RenderedObject['sensitive'], b: RenderedObject['sensitive']): boolean {
  return (a.length === 0 && b.length === 0) || JSON.stringify(a) === JSON.stringify(b)
}

/** Of lines that are gone, so many are shown. */
const maxRemovedLines = 40

function uniqueKey(object: RenderedObject, seen: Map<string, number>): string {
  const key = `${groupOf(object.apiVersion)}/${object.kind}/${object.namespace}/${object.name}`
  const count = (seen.get(key) ?? 0) + 1
  seen.set(key, count)
  return count === 1 ? key : `${key}#${String(count)}`
}

function groupOf(apiVersion: string): string {
  const at = apiVersion.indexOf('/')
  return at < 0 ? '' : apiVersion.slice(0, at)
}

function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function countLines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1
  return text.endsWith('\n') ? count : count + 1
}
