/** Main may not import adapters; the rule of where things lie is pure and stands in shared/. */
import { homedir } from 'node:os'
import { resolveFolders } from '../../shared/lib/folders.ts'
import type { Folders } from '../../shared/lib/folders.ts'

export function resolveDataFolders(env: Readonly<Record<string, string | undefined>>): Folders {
  return resolveFolders(env, process.platform, homedir())
}
