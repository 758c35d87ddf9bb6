import { appendFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BlobStore } from '../../engine/ports.ts'
import { SluiceError } from '../../../shared/model/errors.ts'

const safeName = /^[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)*(\/[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)*)*$/

/**
 * Files under one folder, 0600 in folders of 0700. Writes of one name follow one another; a write is whole or not at all
 * (temporary file, then rename).
 */
export function createBlobStore(folder: string): BlobStore {
  const queues = new Map<string, Promise<unknown>>()

  function pathOf(name: string): string {
    // SECURITY: names come from our own code only; this keeps a mistake from becoming a path.
    if (!safeName.test(name)) throw new SluiceError('Internal', `Not a name for a stored blob: ${JSON.stringify(name)}`)
    return join(folder, name)
  }

  function inTurn<T>(name: string, act: () => Promise<T>): Promise<T> {
    const next = (queues.get(name) ?? Promise.resolve()).then(act, act)
    const settled = next.then(
      () => undefined,
      () => undefined,
    )
    queues.set(name, settled)
    void settled.then(() => {
      if (queues.get(name) === settled) queues.delete(name)
    })
    return next
  }

  async function rotate(path: string, keep: number): Promise<void> {
    await rm(`${path}.${keep}`, { force: true })
    for (let index = keep - 1; index >= 1; index--)
      await rename(`${path}.${index}`, `${path}.${index + 1}`).catch(() => undefined)
    await rename(path, `${path}.1`).catch(() => undefined)
  }

  return {
    async read(name) {
      try {
        return await readFile(pathOf(name))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
        throw error
      }
    },
    write: (name, data) =>
      inTurn(name, async () => {
        const path = pathOf(name)
        await mkdir(dirname(path), { recursive: true, mode: 0o700 })
        const draft = `${path}.draft-${process.pid}`
        await writeFile(draft, data, { mode: 0o600 })
        await rename(draft, path)
      }),
    remove: (name) => inTurn(name, () => rm(pathOf(name), { force: true })),
    appendLine: (name, line, { rotateBytes, keep }) =>
      inTurn(name, async () => {
        const path = pathOf(name)
        await mkdir(dirname(path), { recursive: true, mode: 0o700 })
        const size = await stat(path).then(
          (found) => found.size,
          () => 0,
        )
        if (size > 0 && size + line.length > rotateBytes) await rotate(path, keep)
        await appendFile(path, `${line.replaceAll('\n', ' ')}\n`, { mode: 0o600 })
      }),
  }
}
