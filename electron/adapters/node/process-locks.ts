/** Locks between the processes of one installation: files beside its data, each with the pid of the process that holds it. */
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { ProcessLocks } from '../../engine/ports.ts'
import { tryLock } from '../control-plane/folder-lock.ts'

export function createProcessLocks(dataDir: string): ProcessLocks {
  const machine =
    hostname()
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/g, '-')
      .slice(0, 60) || 'machine'
  return {
    machine,
    async tryLock(name) {
      await mkdir(dataDir, { recursive: true, mode: 0o700 })
      return tryLock(join(dataDir, `${name}-${machine}.lock`))
    },
  }
}
