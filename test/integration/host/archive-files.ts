/** What an artifact's archive holds: the path and the hash of each file. */
import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { TarParser } from '../../../electron/adapters/artifacts/tar-parser.ts'

export function filesOf(archive: Uint8Array): readonly string[] {
  const files: string[] = []
  let path = ''
  let hash = createHash('sha256')
  const parser = new TarParser({
    onEntry(entry) {
      if (entry.kind !== 'file') return
      path = entry.path
      hash = createHash('sha256')
    },
    onData: (bytes) => void hash.update(bytes),
    onFileEnd: () => void files.push(`${path} ${hash.digest('hex')}`),
  })
  parser.push(gunzipSync(archive))
  parser.end()
  return files.sort()
}
