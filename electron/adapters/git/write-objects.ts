/** Git objects that are made here: files put into trees, commits, and the pack that brings them. Formats: gitformat-pack(5), git-cat-file(1). */
import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { RawTreeEntry } from './git-objects.ts'
import { rawEntries } from './git-objects.ts'
import type { GitObject, GitObjectType } from './pack-format.ts'
import { typeNumbers } from './pack-format.ts'

export interface NewObjects {
  add(type: GitObjectType, data: Buffer): string
  /** What was added, as a pack without deltas. */
  pack(): Buffer
}

const fileModes: ReadonlySet<string> = new Set(['100644', '100755', '100664'])
const folderModes: ReadonlySet<string> = new Set(['40000', '040000'])

export function createNewObjects(): NewObjects {
  const objects = new Map<string, GitObject>()
  return {
    add(type, data) {
      const oid = createHash('sha1').update(`${type} ${data.length}\0`).update(data).digest('hex')
      objects.set(oid, { type, data })
      return oid
    },
    pack() {
      const head = Buffer.alloc(12)
      head.write('PACK', 0, 'latin1')
      head.writeUInt32BE(2, 4)
      head.writeUInt32BE(objects.size, 8)
      const parts: Buffer[] = [head]
      for (const { type, data } of objects.values()) parts.push(objectHeader(type, data.length), deflateSync(data))
      const sum = createHash('sha1')
      for (const part of parts) sum.update(part)
      return Buffer.concat([...parts, sum.digest()])
    },
  }
}

function objectHeader(type: GitObjectType, size: number): Buffer {
  const bytes: number[] = []
  let rest = Math.floor(size / 16)
  bytes.push((typeNumbers[type] << 4) | (size & 15) | (rest > 0 ? 0x80 : 0))
  while (rest > 0) {
    const next = Math.floor(rest / 128)
    bytes.push((rest & 0x7f) | (next > 0 ? 0x80 : 0))
    rest = next
  }
  return Buffer.from(bytes)
}

/**
 * The tree with files in it; every other entry stays as it is, and no tree between is made. `read` gives trees that are there already; '' as `tree`: an
 * empty one. Throws SluiceError Invalid where something that is no plain file, or no folder, is in the way.
 */
export function putFiles(
  tree: string,
  files: readonly { readonly path: string; readonly text: string }[],
  objects: NewObjects,
  read: (oid: string) => Buffer,
): string {
  const place = (
    oid: string,
    rest: readonly { readonly parts: readonly string[]; readonly text: string }[],
  ): string => {
    const entries = new Map(
      [...(oid === '' ? [] : rawEntries(read(oid)))].map((each) => [each.name.toString('latin1'), each]),
    )
    const below = new Map<string, { parts: readonly string[]; text: string }[]>()
    for (const { parts, text } of rest) {
      const [first = '', ...more] = parts
      const name = Buffer.from(first)
      const key = name.toString('latin1')
      const known = entries.get(key)
      const isFile = more.length === 0
      if (known !== undefined && !(isFile ? fileModes : folderModes).has(known.mode)) throw inTheWay(first, isFile)
      if (isFile) entries.set(key, { mode: known?.mode ?? '100644', name, oid: objects.add('blob', Buffer.from(text)) })
      else below.set(first, [...(below.get(first) ?? []), { parts: more, text }])
    }
    for (const [first, inner] of below) {
      const name = Buffer.from(first)
      const key = name.toString('latin1')
      entries.set(key, { mode: '40000', name, oid: place(entries.get(key)?.oid ?? '', inner) })
    }
    return objects.add('tree', formatEntries([...entries.values()]))
  }
  return place(
    tree,
    files.map(({ path, text }) => ({ parts: path.split('/'), text })),
  )
}

function inTheWay(name: string, isFile: boolean): SluiceError {
  return new SluiceError(
    'Invalid',
    `${name} is in the repository already and is no ${isFile ? 'plain file' : 'folder'}`,
    {
      remedy: 'Choose another folder, or another branch.',
    },
  )
}

/** In git's order: a folder is sorted as if its name ended with a slash. */
function formatEntries(entries: readonly RawTreeEntry[]): Buffer {
  const key = ({ mode, name }: RawTreeEntry): Buffer => (folderModes.has(mode) ? Buffer.concat([name, slash]) : name)
  const sorted = [...entries].sort((a, b) => Buffer.compare(key(a), key(b)))
  return Buffer.concat(
    sorted.flatMap(({ mode, name, oid }) => [Buffer.from(`${mode} `), name, zero, Buffer.from(oid, 'hex')]),
  )
}

const slash = Buffer.from('/')
const zero = Buffer.from([0])

export function formatCommit(commit: {
  readonly tree: string
  readonly parent: string | null
  readonly author: { readonly name: string; readonly email: string }
  readonly atMs: number
  readonly message: string
}): Buffer {
  const { tree, parent, author, atMs, message } = commit
  const who = `${author.name} <${author.email}> ${String(Math.floor(atMs / 1000))} +0000`
  const lines = [`tree ${tree}`, ...(parent === null ? [] : [`parent ${parent}`]), `author ${who}`, `committer ${who}`]
  return Buffer.from(`${lines.join('\n')}\n\n${message}`)
}
