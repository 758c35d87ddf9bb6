/** The program behind a command: found without a shell, on absolute PATH entries only, and hashed. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, constants, realpath, stat } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'

export interface ProgramFile {
  /** Absolute, as found; links are followed for the digest only, so that a program sees the name it was called by. */
  readonly path: string
  /** sha256 hex of the file's bytes. */
  readonly digest: string
}

/** Null when there is no such program. A bare name is searched on `path`, relative entries of which are left out. */
export async function findProgram(
  command: string,
  path: string,
  platform = process.platform,
): Promise<ProgramFile | null> {
  // SECURITY: item 10: no shell, no relative PATH entry: the folder that an application was started in must not choose programs.
  const candidates = isAbsolute(command)
    ? [command]
    : /[/\\]/.test(command)
      ? []
      : path
          .split(delimiter)
          .filter(isAbsolute)
          .map((folder) => join(folder, command))
  const endings = platform === 'win32' && !/\.(exe|com)$/i.test(command) ? ['.exe', '.com'] : ['']
  for (const candidate of candidates)
    for (const ending of endings) {
      const file = candidate + ending
      if (await isProgram(file)) return { path: file, digest: await digestOf(file) }
    }
  return null
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    return false
  }
}

interface Digested {
  readonly mark: string
  readonly digest: string
}
const digests = new Map<string, Digested>()

/** Programs of 100 MB are common: hashed again only when file, size or times moved. */
async function digestOf(file: string): Promise<string> {
  const real = await realpath(file)
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(real, { bigint: true })
  const mark = [dev, ino, size, mtimeNs, ctimeNs].join(':')
  const known = digests.get(real)
  if (known?.mark === mark) return known.digest
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(real, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Buffer)
  const digest = hash.digest('hex')
  digests.set(real, { mark, digest })
  return digest
}
