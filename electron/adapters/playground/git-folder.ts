/**
 * A bare repository in a folder, written and read without a git: loose objects, one branch. The user's own git can open it. Formats:
 * gitrepository-layout(5), gitformat-pack(5).
 */
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { deflateSync, inflateSync } from 'node:zlib'
import { SluiceError } from '../../../shared/model/errors.ts'
import { parseCommit, parseTree } from '../git/git-objects.ts'
import { typeNumbers } from '../git/pack-format.ts'
import type { GitObject, GitObjectType } from '../git/pack-format.ts'

export interface Author {
  readonly name: string
  readonly email: string
}

export interface GitFolder {
  readonly branch: string
  /** The branch's commit; null before the first. */
  head(): Promise<string | null>
  /** The files of a commit: path with `/` → text. */
  files(commit: string): Promise<ReadonlyMap<string, string>>
  subject(commit: string): Promise<{ readonly subject: string; readonly at: number }>
  /** Commits exactly these files on the branch; `at` in ms. Answers the commit's name. */
  commit(files: ReadonlyMap<string, string>, subject: string, author: Author, at: number): Promise<string>
  has(oid: string): Promise<boolean>
  parents(commit: string): Promise<readonly string[]>
  /** The commit, its trees and files; its parents too where `isDeep`. Names in an order that packs may have. */
  reach(commit: string, isDeep: boolean): Promise<ReadonlySet<string>>
  /** A pack of these objects, each whole. */
  pack(oids: Iterable<string>): Promise<Buffer>
}

const branch = 'main'
const mode = 0o600

/** Opens the repository of the folder, or makes an empty one there. */
export async function openGitFolder(folder: string): Promise<GitFolder> {
  const refFile = join(folder, 'refs', 'heads', branch)
  await mkdir(dirname(refFile), { recursive: true, mode: 0o700 })
  await mkdir(join(folder, 'objects'), { recursive: true, mode: 0o700 })
  await writeFile(join(folder, 'HEAD'), `ref: refs/heads/${branch}\n`, { mode })
  await writeFile(join(folder, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n', { mode })

  const fileOf = (oid: string): string => join(folder, 'objects', oid.slice(0, 2), oid.slice(2))

  async function put(type: GitObjectType, data: Buffer): Promise<string> {
    const whole = Buffer.concat([Buffer.from(`${type} ${data.length}\0`), data])
    const oid = createHash('sha1').update(whole).digest('hex')
    await mkdir(dirname(fileOf(oid)), { recursive: true, mode: 0o700 })
    await replaceFile(fileOf(oid), deflateSync(whole))
    return oid
  }

  async function read(oid: string): Promise<GitObject> {
    const bytes = await readFile(fileOf(oid)).catch(() => null)
    const whole = bytes === null ? null : inflateSync(bytes)
    const end = whole?.indexOf(0) ?? -1
    if (whole === null || end < 0)
      throw new SluiceError('GitFailed', `The playground's repository has no object ${oid}`)
    return { type: whole.toString('latin1', 0, end).split(' ')[0] as GitObjectType, data: whole.subarray(end + 1) }
  }

  async function putTree(files: ReadonlyMap<string, string>): Promise<string> {
    const folders = new Map<string, Map<string, string>>()
    const entries: { readonly name: string; readonly isFolder: boolean; readonly oid: string }[] = []
    for (const [path, text] of files) {
      const [name = '', ...rest] = path.split('/')
      if (rest.length === 0) {
        entries.push({ name, isFolder: false, oid: await put('blob', Buffer.from(text)) })
        continue
      }
      const inner = folders.get(name) ?? new Map<string, string>()
      inner.set(rest.join('/'), text)
      folders.set(name, inner)
    }
    for (const [name, inner] of folders) entries.push({ name, isFolder: true, oid: await putTree(inner) })
    // Folders are ordered as if their names ended in a slash.
    const order = ({ name, isFolder }: (typeof entries)[number]): Buffer => Buffer.from(isFolder ? `${name}/` : name)
    entries.sort((a, b) => Buffer.compare(order(a), order(b)))
    return put(
      'tree',
      Buffer.concat(
        entries.map(({ name, isFolder, oid }) =>
          Buffer.concat([Buffer.from(`${isFolder ? '40000' : '100644'} ${name}\0`), Buffer.from(oid, 'hex')]),
        ),
      ),
    )
  }

  async function readFiles(tree: string, at: string, into: Map<string, string>): Promise<void> {
    for (const { kind, name, oid } of parseTree((await read(tree)).data)) {
      if (kind === 'directory') await readFiles(oid, `${at}${name}/`, into)
      else into.set(`${at}${name}`, (await read(oid)).data.toString('utf8'))
    }
  }

  async function reachTree(tree: string, found: Set<string>): Promise<void> {
    if (found.has(tree)) return
    found.add(tree)
    for (const { kind, oid } of parseTree((await read(tree)).data))
      if (kind === 'directory') await reachTree(oid, found)
      else found.add(oid)
  }

  const commitOf = async (oid: string): Promise<Buffer> => (await read(oid)).data
  const parents = async (oid: string): Promise<readonly string[]> => {
    const [head = ''] = (await commitOf(oid)).toString('utf8').split('\n\n', 1)
    return [...head.matchAll(/^parent ([0-9a-f]{40})$/gm)].map(([, parent = '']) => parent)
  }
  const head = async (): Promise<string | null> => {
    const text = await readFile(refFile, 'utf8').catch(() => '')
    return /^[0-9a-f]{40}/.exec(text)?.[0] ?? null
  }

  return {
    branch,
    head,
    parents,
    has: (oid) =>
      read(oid).then(
        () => true,
        () => false,
      ),
    async files(commit) {
      const found = new Map<string, string>()
      await readFiles(parseCommit(commit, await commitOf(commit)).tree, '', found)
      return found
    },
    async subject(commit) {
      const { subject, at } = parseCommit(commit, await commitOf(commit))
      return { subject, at }
    },
    async commit(files, subject, { name, email }, at) {
      const parent = await head()
      const who = `${name} <${email}> ${Math.floor(at / 1000)} +0000`
      const lines = [
        `tree ${await putTree(files)}`,
        ...(parent === null ? [] : [`parent ${parent}`]),
        `author ${who}`,
        `committer ${who}`,
        '',
        `${subject}\n`,
      ]
      const oid = await put('commit', Buffer.from(lines.join('\n')))
      await replaceFile(refFile, Buffer.from(`${oid}\n`))
      return oid
    },
    async reach(commit, isDeep) {
      const commits = [commit]
      const found = new Set<string>()
      for (const oid of commits) {
        if (found.has(oid)) continue
        found.add(oid)
        if (isDeep) commits.push(...(await parents(oid)))
      }
      for (const oid of [...found]) await reachTree(parseCommit(oid, await commitOf(oid)).tree, found)
      return found
    },
    async pack(oids) {
      const objects = await Promise.all([...oids].map(read))
      const head = Buffer.alloc(12)
      head.write('PACK', 'latin1')
      head.writeUInt32BE(2, 4)
      head.writeUInt32BE(objects.length, 8)
      const body = Buffer.concat([
        head,
        ...objects.flatMap(({ type, data }) => [packHeader(type, data.length), deflateSync(data)]),
      ])
      return Buffer.concat([body, createHash('sha1').update(body).digest()])
    },
  }
}

/** A reader sees the old file or the new one. */
async function replaceFile(file: string, bytes: Buffer): Promise<void> {
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, bytes, { mode })
  await rename(draft, file)
}

/** Type and size: four bits of the size, then seven in each byte. */
function packHeader(type: GitObjectType, size: number): Buffer {
  const bytes: number[] = []
  let byte = (typeNumbers[type] << 4) | (size & 15)
  let rest = Math.floor(size / 16)
  while (rest > 0) {
    bytes.push(byte | 0x80)
    byte = rest & 0x7f
    rest = Math.floor(rest / 128)
  }
  bytes.push(byte)
  return Buffer.from(bytes)
}
