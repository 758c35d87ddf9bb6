/** A Git service of its own cache, and what it is asked. */
import { mkdtemp } from 'node:fs/promises'
import path from 'node:path'
import type { GitAccess } from '../../../electron/adapters/git/git-access.ts'
import { createGitService } from '../../../electron/adapters/git/git-service.ts'
import type { GitWriter } from '../../../electron/engine/source/git-write-port.ts'
import type { GitRemote } from '../../../electron/engine/source/artifact-port.ts'
import { findSystemGit } from '../../../electron/adapters/git/system-git.ts'
import type { GitRequest } from '../../../electron/engine/source/artifact-port.ts'

export interface TestService extends GitRemote, GitWriter {
  readonly cacheDir: string
}

export async function createTestService(
  scratch: string,
  client: 'system' | 'js',
  access: Partial<GitAccess> = {},
): Promise<TestService> {
  const cacheDir = await mkdtemp(path.join(scratch, 'cache-'))
  const service = createGitService({
    cacheDir,
    treeFolder: path.join(cacheDir, 'artifacts'),
    userAgent: 'sluice-test',
    systemGit: client === 'system' ? await findSystemGit(process.env['PATH']) : null,
    access: { home: scratch, sshAgent: null, path: process.env['PATH'] ?? null, ...access },
    now: () => 0,
  })
  return { ...service, cacheDir }
}

export function gitRequest(url: string, more: Partial<GitRequest> = {}): GitRequest {
  return {
    url,
    ref: { branch: 'main' },
    recurseSubmodules: false,
    sparseCheckout: [],
    ignore: null,
    secret: null,
    proxy: null,
    cluster: 'c1',
    timeoutMs: 60_000,
    ...more,
  }
}
