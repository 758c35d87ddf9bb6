/**
 * Folders that a user opened, on the disk. Owns the rule that nothing outside such a folder is read (security.md 7 and 11); knows nothing of
 * manifests.
 */
import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, chmod, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { Folders } from '../../engine/repositories/folder-port.ts'
import { watchTree } from '../repository-watch/repository-watch.ts'

export function createFolders(home = homedir()): Folders {
  return {
    async resolve(path) {
      const text = path.trim()
      const expanded =
        text === '~' ? home : text.startsWith('~/') || text.startsWith('~\\') ? join(home, text.slice(2)) : text
      if (!isAbsolute(expanded))
        throw new SluiceError('InvalidInput', `${text} is not an absolute path`, {
          remedy: 'Give the whole path of the folder, or choose it in the dialog.',
        })
      const real = await realpath(resolve(expanded)).catch((error: unknown) => {
        throw toError(error, expanded)
      })
      const stats = await stat(real).catch((error: unknown) => {
        throw toError(error, expanded)
      })
      if (!stats.isDirectory()) throw new SluiceError('InvalidInput', `${expanded} is not a folder`)
      if (resolve(real) === resolve(sep))
        throw new SluiceError('InvalidInput', 'The root of the disk is not a repository', {
          remedy: 'Choose the folder that holds the manifests.',
        })
      return real
    },
    async state(root) {
      try {
        if (!(await stat(root)).isDirectory()) return 'missing'
        await access(root, constants.R_OK | (process.platform === 'win32' ? 0 : constants.X_OK))
        return 'there'
      } catch (error) {
        return errorCode(error) === 'EACCES' || errorCode(error) === 'EPERM' ? 'forbidden' : 'missing'
      }
    },
    async read(root, file, maxBytes) {
      const real = await resolveInside(root, file)
      const handle = await open(real, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error: unknown) => {
        throw toError(error, file)
      })
      try {
        const stats = await handle.stat()
        if (!stats.isFile()) throw new SluiceError('InvalidInput', `${file} is not a file`)
        const buffer = Buffer.alloc(Math.min(stats.size, maxBytes))
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0)
        return { bytes: buffer.subarray(0, bytesRead), isTruncated: stats.size > maxBytes }
      } finally {
        await handle.close()
      }
    },
    async replace(root, file, before, after) {
      // SECURITY: item 7: links are followed first, so that what is written lies in the folder; a rename puts it there whole or not at all.
      const real = await resolveInside(root, file)
      const draft = join(dirname(real), `.${basename(real)}.${randomUUID()}.tmp`)
      try {
        const stats = await stat(real)
        if (!stats.isFile()) throw new SluiceError('InvalidInput', `${file} is not a file`)
        await writeFile(draft, after, { flag: 'wx', mode: 0o600 })
        // Not as the mask would have it.
        await chmod(draft, stats.mode & 0o777)
        if (!(await readFile(real)).equals(Buffer.from(before)))
          throw new SluiceError('Conflict', `${file} was changed meanwhile`, {
            remedy: 'Open the dialog again to see the change on the file as it is now.',
          })
        await rename(draft, real)
      } catch (error) {
        await rm(draft, { force: true })
        throw error instanceof SluiceError ? error : toWriteError(error, file)
      }
    },
    watch: (root, onChange, onFault) => watchTree(root, { onChange, onFault }),
    display(root) {
      const inHome = relative(home, root)
      if (inHome === '') return '~'
      return inHome.startsWith('..') || isAbsolute(inHome) ? root : `~${sep}${inHome}`
    },
  }
}

/**
 * SECURITY: items 7 and 11: the real path of a file of an opened folder. Whatever the name says and wherever links lead, the result lies
 * in the folder, or it is refused.
 */
export async function resolveInside(root: string, file: string): Promise<string> {
  const parts = file.split('/')
  if (
    isAbsolute(file) ||
    file.includes('\0') ||
    file.includes('\\') ||
    parts.some((part) => part === '..' || part === '')
  )
    throw new SluiceError('InvalidInput', `${file} is not a path inside the repository`)
  if (parts[0] === '.git') throw new SluiceError('Forbidden', `${file} belongs to Git`)
  let real: string
  let base: string
  try {
    base = await realpath(root)
    real = await realpath(join(base, ...parts))
  } catch (error) {
    throw toError(error, file)
  }
  const inner = relative(base, real)
  if (inner === '' || inner === '..' || inner.startsWith(`..${sep}`) || isAbsolute(inner))
    throw new SluiceError('Forbidden', `${file} leads out of the repository`, {
      remedy: 'It is a symbolic link to a place outside the folder; nothing outside is read.',
    })
  return real
}

function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.code ?? ''
}

function toWriteError(error: unknown, path: string): SluiceError {
  const isForbidden = ['EACCES', 'EPERM', 'EROFS'].includes(errorCode(error))
  if (!isForbidden && errorCode(error) !== 'ENOSPC') return toError(error, path)
  return new SluiceError(
    isForbidden ? 'Forbidden' : 'Internal',
    isForbidden ? `You may not write ${path}` : `There is no room on the disk to write ${path}`,
    { cause: error },
  )
}

function toError(error: unknown, path: string): SluiceError {
  const code = errorCode(error)
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new SluiceError('NotFound', `${path} does not exist`, { cause: error })
  if (code === 'EACCES' || code === 'EPERM')
    return new SluiceError('Forbidden', `You may not read ${path}`, { cause: error })
  if (code === 'ELOOP')
    return new SluiceError('InvalidInput', `${path} is a link that leads to itself`, { cause: error })
  return new SluiceError('Internal', `${path} could not be read: ${error instanceof Error ? error.message : code}`, {
    cause: error,
  })
}
