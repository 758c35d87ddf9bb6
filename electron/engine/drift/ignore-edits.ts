/**
 * Rules written into mapped working copies: what would change is prepared and shown, and only that is written, when the user says so, and
 * committed where they want that: both or neither. Nothing is pushed. The window names an edit by its id, never a path or a text of a file
 * (security.md 7).
 */
import type { IgnoreEdit } from '../../../shared/model/drift.ts'
import { SluiceError, toErrorData } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import { addIgnoreRule } from '../diff/add-ignore-rule.ts'
import type { IgnoreRule } from '../diff/ignore-rules.ts'
import type { Ports } from '../ports.ts'
import type { MappedFolders } from './folders.ts'

interface Prepared {
  readonly root: string
  readonly folder: string
  readonly file: string
  readonly before: string
  readonly after: string
  /** The branch that was shown; null where nothing can be committed. */
  readonly branch: string | null
}

export interface IgnoreEdits {
  /**
   * `origin` is the owner's own manifest in the source of the Kustomization that applies it; `ref` is what the field is of. Throws SluiceError
   * with what stands in the way of writing; what only stands in the way of a commit is part of the answer.
   */
  prepare(
    owner: ObjectRef,
    origin: { readonly source: ObjectRef; readonly file: string } | null,
    path: string,
    rule: IgnoreRule,
    ref: ObjectRef,
  ): Promise<IgnoreEdit>
  /**
   * Writes what was prepared; refused where the file is no longer what it was. Commits it where there is a `message`; where that fails the file
   * is set back, and the error says so. Answers with the path as people write it.
   */
  write(
    id: string,
    message: string | null,
  ): Promise<{ readonly file: string; readonly commit: { readonly id: string; readonly branch: string } | null }>
}

const maxFileBytes = 1_000_000
const maxPrepared = 8
const contextLines = 3
const maxFieldChars = 200

export function createIgnoreEdits(
  ports: Pick<Ports, 'folders' | 'random' | 'workingCopies'>,
  folders: Pick<MappedFolders, 'folderOf'>,
): IgnoreEdits {
  const prepared = new Map<string, Prepared>()

  async function outlook(root: string, file: string, label: string, message: string): Promise<IgnoreEdit['commit']> {
    try {
      return { ...(await ports.workingCopies.look(root, file, label)), message }
    } catch (error) {
      const { message: refused, remedy } = toErrorData(error)
      return { refused, remedy }
    }
  }

  async function commit(edit: Prepared, message: string): Promise<{ readonly id: string; readonly branch: string }> {
    const { root, folder, file, before, after } = edit
    const text = message.trim()
    if (text === '')
      throw new SluiceError('InvalidInput', 'The commit has no message', { remedy: 'Say in a line what it does.' })
    const { branch } = await ports.workingCopies.look(root, file, folder)
    if (branch !== edit.branch)
      throw new SluiceError(
        'Conflict',
        `${folder} has ${branch} checked out by now, not ${edit.branch ?? 'a branch'}`,
        {
          remedy: 'Nothing was written. Open the dialog again to see where the commit would go.',
        },
      )
    await ports.folders.replace(root, file, before, after)
    try {
      return { id: await ports.workingCopies.commit(root, file, after, `${text}\n`, folder), branch }
    } catch (error) {
      const { code, message: what, remedy, detail } = toErrorData(error)
      // Then there is a commit.
      if (code === 'Conflict') throw error
      const isBack = await ports.folders.replace(root, file, after, before).then(
        () => true,
        () => false,
      )
      const left = isBack
        ? 'The file is as it was.'
        : `The rule is still in ${file}: take it out, or commit it yourself.`
      throw new SluiceError(code, what, { remedy: `${left} ${remedy}`.trim(), detail, cause: error })
    }
  }

  return {
    async prepare(owner, origin, path, rule, ref) {
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
      const commit = await outlook(folder.path, origin.file, folder.label, messageOf(owner, rule, ref))
      const id = ports.random.uuid()
      const branch = 'branch' in commit ? commit.branch : null
      prepared.set(id, { root: folder.path, folder: folder.label, file: origin.file, before, after, branch })
      for (const key of [...prepared.keys()].slice(0, -maxPrepared)) prepared.delete(key)
      return { id, folder: folder.label, file: origin.file, line, diff: shownLines(before, after), commit }
    },
    async write(id, message) {
      const edit = prepared.get(id)
      if (edit === undefined)
        throw new SluiceError('NotFound', 'This change was prepared too long ago', { remedy: 'Open the dialog again.' })
      const made = message === null ? null : await commit(edit, message)
      if (made === null) await ports.folders.replace(edit.root, edit.file, edit.before, edit.after)
      prepared.delete(id)
      return { file: edit.file, commit: made }
    },
  }
}

/** What is proposed: a line that names field and object, and who leaves it alone from then on. */
function messageOf(owner: ObjectRef, rule: IgnoreRule, ref: ObjectRef): string {
  const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, ' ')
  const fields = plain(rule.paths.join(', ')).slice(0, maxFieldChars)
  return [
    `Ignore ${fields} of ${ref.kind} ${plain(refTitle(ref))}`,
    '',
    `${owner.kind} ${plain(refTitle(owner))} leaves it as the cluster has it.`,
  ].join('\n')
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
  // What follows the last line break is no line.
  const [old, now] = [before, after].map((text) => text.replace(/\n$/, '').split('\n')) as [string[], string[]]
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
