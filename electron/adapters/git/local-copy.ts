/** A local copy of a repository as far as it is more than packs: which commits are in it, and where its history is cut off. Plain files, as git has them. */
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const refsFolder = ['refs', 'sluice']
const maxHaves = 16

/** What makes a folder a repository to git, where nobody has begun it. */
export async function beginCopy(gitFolder: string): Promise<void> {
  await mkdir(join(gitFolder, ...refsFolder), { recursive: true, mode: 0o700 })
  await writeFile(join(gitFolder, 'HEAD'), 'ref: refs/heads/main\n', { flag: 'wx', mode: 0o600 }).catch(() => undefined)
}

/** Commits that are there with their trees, the youngest first, at most 16. */
export async function readHaves(gitFolder: string): Promise<readonly string[]> {
  const folder = join(gitFolder, ...refsFolder)
  const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const found = await Promise.all(
    names
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const file = join(entry.parentPath, entry.name)
        const [oid, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)])
        return { oid: oid.trim(), mtimeMs }
      }),
  ).catch(() => [])
  const youngest = found.filter(({ oid }) => isOid(oid)).sort((a, b) => b.mtimeMs - a.mtimeMs)
  return [...new Set(youngest.map(({ oid }) => oid))].slice(0, maxHaves)
}

export async function readShallow(gitFolder: string): Promise<readonly string[]> {
  const text = await readFile(join(gitFolder, 'shallow'), 'utf8').catch(() => '')
  return text.split('\n').filter(isOid)
}

export async function writeShallow(gitFolder: string, commits: Iterable<string>): Promise<void> {
  await writeWhole(join(gitFolder, 'shallow'), [...commits].map((oid) => `${oid}\n`).join(''))
}

/** `name` below `refs/sluice/`. */
export async function writeRef(gitFolder: string, name: string, commit: string): Promise<void> {
  const folder = join(gitFolder, ...refsFolder)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeWhole(join(folder, name), `${commit}\n`)
}

async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.part`, text, { mode: 0o600 })
  await rename(`${file}.part`, file)
}

function isOid(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text)
}
