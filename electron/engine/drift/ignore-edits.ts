/**
 * Rules written into mapped working copies: what would change is prepared and shown, and only that is written, when the user says so.
 * Nothing is committed. The window names an edit by its id, never a path or a text (security.md 7).
 */
import type { IgnoreEdit } from '../../../shared/model/drift.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import { addIgnoreRule } from '../diff/add-ignore-rule.ts'
import type { IgnoreRule } from '../diff/ignore-rules.ts'
import type { Ports } from '../ports.ts'
import type { MappedFolders } from './folders.ts'

interface Prepared {
  readonly root: string
  readonly file: string
  readonly before: string
  readonly after: string
}

export interface IgnoreEdits {
  /** `origin` is the owner's own manifest in the source of the Kustomization that applies it. Throws SluiceError with what stands in the way. */
  prepare(
    owner: ObjectRef,
    origin: { readonly source: ObjectRef; readonly file: string } | null,
    path: string,
    rule: IgnoreRule,
  ): Promise<IgnoreEdit>
  /** Writes what was prepared; refused where the file is no longer what it was. Answers with the path as people write it. */
  write(id: string): Promise<{ readonly file: string }>
}

const maxFileBytes = 1_000_000
const maxPrepared = 8
const contextLines = 3

export function createIgnoreEdits(ports: Pick<Ports, 'folders' | 'random'>, folders: MappedFolders): IgnoreEdits {
  const prepared = new Map<string, Prepared>()
  return {
    async prepare(owner, origin, path, rule) {
      if (origin === null)
        throw new SluiceError('NotFound', `Which file defines ${owner.kind} ${refTitle(owner)} is not known`, {
          remedy: 'No Kustomization that was compared applies it. Copy the rule and add it by hand.',
        })
      const folder = folders.folderOf(origin.source)
      if (folder === null)
        throw new SluiceError(
          'NotFound',
          `No folder on this machine stands for ${origin.source.kind} ${refTitle(origin.source)}, where ${owner.kind} ${refTitle(owner)} comes from`,
          { remedy: 'Map your working copy to it to have the rule written there.' },
        )
      const { bytes, isTruncated } = await ports.folders.read(folder.path, origin.file, maxFileBytes)
      if (isTruncated) throw new SluiceError('Unsupported', `${origin.file} is larger than 1 MB`)
      const before = decode(bytes, origin.file)
      const { text: after, line } = addIgnoreRule(before, owner, path.split('.'), rule)
      const id = ports.random.uuid()
      prepared.set(id, { root: folder.path, file: origin.file, before, after })
      for (const key of [...prepared.keys()].slice(0, -maxPrepared)) prepared.delete(key)
      return { id, folder: folder.label, file: origin.file, line, diff: shownLines(before, after) }
    },
    async write(id) {
      const edit = prepared.get(id)
      if (edit === undefined)
        throw new SluiceError('NotFound', 'This change was prepared too long ago', { remedy: 'Open the dialog again.' })
      prepared.delete(id)
      await ports.folders.replace(edit.root, edit.file, edit.before, edit.after)
      return { file: edit.file }
    },
  }
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    // A byte order mark stays in the text: it is written back.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new SluiceError('Unsupported', `${file} is no UTF-8 text`)
  }
}

/** The new lines with some around them. Lines are only ever put in. */
function shownLines(before: string, after: string): IgnoreEdit['diff'] {
  const old = before.split('\n')
  const now = after.split('\n')
  let head = 0
  while (head < old.length && old[head] === now[head]) head += 1
  let tail = 0
  while (tail < old.length - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1
  const line = (kind: 'same' | 'added' | 'removed') => (text: string, index: number, from: number) => ({
    kind,
    line: kind === 'removed' ? 0 : from + index + 1,
    text: text.replace(/\r$/, ''),
  })
  const part = (kind: 'same' | 'added' | 'removed', texts: readonly string[], from: number) =>
    texts.map((text, index) => line(kind)(text, index, from))
  const start = Math.max(0, head - contextLines)
  const end = now.length - tail
  return [
    ...part('same', now.slice(start, head), start),
    ...part('removed', old.slice(head, old.length - tail), 0),
    ...part('added', now.slice(head, end), head),
    ...part('same', now.slice(end, end + contextLines), end),
  ]
}
