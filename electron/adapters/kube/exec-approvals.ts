/** What the user allowed to run: one entry per digest of a plugin, in a JSON file of ours with mode 0600. */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface ExecApprovals {
  has(digest: string): Promise<boolean>
  /** True when this subject (a user entry of a file) or this command line was approved before in another form. */
  isChanged(digest: string, subject: string, commandLine: string): Promise<boolean>
  remember(digest: string, subject: string, commandLine: string): Promise<void>
}

interface Entry {
  readonly digest: string
  readonly subject: string
  readonly commandLine: string
}

/** Approvals in `file`. A file that cannot be read counts as empty: the user is asked again, nothing runs unasked. */
export function createExecApprovals(file: string): ExecApprovals {
  let loaded: Promise<Entry[]> | undefined
  const load = (): Promise<Entry[]> => (loaded ??= readEntries(file))
  return {
    async has(digest) {
      return (await load()).some((entry) => entry.digest === digest)
    },
    async isChanged(digest, subject, commandLine) {
      return (await load()).some(
        (entry) => entry.digest !== digest && (entry.subject === subject || entry.commandLine === commandLine),
      )
    },
    async remember(digest, subject, commandLine) {
      const entries = await load()
      if (entries.some((entry) => entry.digest === digest)) return
      entries.push({ digest, subject, commandLine })
      await writePrivateJson(file, { version: 1, approvals: entries })
    },
  }
}

async function readEntries(file: string): Promise<Entry[]> {
  try {
    const content = JSON.parse(await readFile(file, 'utf8')) as { approvals?: unknown }
    const list = Array.isArray(content.approvals) ? (content.approvals as Partial<Entry>[]) : []
    return list.filter(
      (entry): entry is Entry =>
        typeof entry?.digest === 'string' && typeof entry.subject === 'string' && typeof entry.commandLine === 'string',
    )
  } catch {
    return []
  }
}

let writes = 0

/** Whole or not at all, readable by the user only. */
export async function writePrivateJson(file: string, content: unknown): Promise<void> {
  // SECURITY: item 9: what we keep about credentials (never the credentials) is the user's alone.
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}.${++writes}.tmp`
  await writeFile(draft, `${JSON.stringify(content, null, 1)}\n`, { mode: 0o600 })
  await rename(draft, file)
}

/** Short, one-way name of something that is compared but not shown. */
export function hashOf(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
