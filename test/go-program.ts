/** Programs in Go that tests ask what the controllers' own code says: committed below scripts/data, built into the cache once for each state of their sources. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { defaultCacheFolder } from '../electron/adapters/control-plane/components.ts'
import { canBuildWith, findGo, isProgram } from '../electron/adapters/control-plane/go-build.ts'
import { absent } from './in-ci.ts'

const sources = path.resolve(import.meta.dirname, '../scripts/data')
const run = promisify(execFile)

/** Path of the program of that folder; null (in CI an error) where it is neither in the cache nor can be built because there is no Go. */
export async function resolveGoProgram(name: string): Promise<string | null> {
  const source = path.join(sources, name)
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  for (const file of (await readdir(source)).filter((name) => /^go\.(mod|sum)$|\.go$/.test(name)).sort())
    hash.update(`\0${file}\0`).update(await readFile(path.join(source, file)))
  const folder = path.join(defaultCacheFolder(), name)
  const target = path.join(folder, `${name}-${hash.digest('hex').slice(0, 12)}`)
  if (await isProgram(target)) return target
  const version = await findGo(process.env)
  if (version === null || !canBuildWith(version))
    return absent(`The program ${name} is neither in the cache nor can it be built: there is no Go that could`)
  await mkdir(folder, { recursive: true })
  const work = await mkdtemp(path.join(folder, 'build-'))
  try {
    const output = path.join(work, name)
    const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' }
    const isOlder = version[0] === 1 && version[1] < 26
    await run('go', ['build', '-mod=readonly', '-trimpath', '-ldflags', '-s -w', '-o', output, '.'], {
      cwd: source,
      env: isOlder ? { ...env, GOTOOLCHAIN: 'auto' } : env,
      maxBuffer: 16 * 1024 * 1024,
    })
    await rename(output, target)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return target
}
