/** The controllers' own apply and drift detection, as a program that is built from scripts/data/drift-oracle into the cache. */
import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { defaultCacheFolder } from '../../../electron/adapters/control-plane/components.ts'
import { canBuildWith, findGo, isProgram } from '../../../electron/adapters/control-plane/go-build.ts'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import type { IgnoreRule } from '../../../electron/engine/diff/ignore-rules.ts'

const source = fileURLToPath(new URL('../../../scripts/data/drift-oracle', import.meta.url))
const run = promisify(execFile)

/** Path of the program; null where it is neither in the cache nor can be built because there is no Go. */
export async function resolveDriftOracle(): Promise<string | null> {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  for (const file of (await readdir(source)).filter((name) => /^go\.(mod|sum)$|\.go$/.test(name)).sort())
    hash.update(`\0${file}\0`).update(await readFile(path.join(source, file)))
  const folder = path.join(defaultCacheFolder(), 'drift-oracle')
  const target = path.join(folder, `drift-oracle-${hash.digest('hex').slice(0, 12)}`)
  if (await isProgram(target)) return target
  const version = await findGo(process.env)
  if (version === null || !canBuildWith(version)) return null
  await mkdir(folder, { recursive: true })
  const work = await mkdtemp(path.join(folder, 'build-'))
  try {
    const output = path.join(work, 'drift-oracle')
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

export interface DriftQuestion {
  readonly object: KubeObject
  readonly ignore: readonly IgnoreRule[]
  readonly force?: boolean
  readonly override?: readonly string[]
}

export interface DriftOracle {
  /** `apply` changes the cluster; `diff` does not. */
  ask(question: DriftQuestion): Promise<{ readonly action?: string; readonly error?: string }>
  stop(): void
}

export function startDriftOracle(program: string, kubeconfig: string, use: 'apply' | 'diff'): DriftOracle {
  // Its library complains about a logger that nobody has set.
  const child = spawn(program, [kubeconfig, use], { stdio: ['pipe', 'pipe', 'ignore'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`)
      const { value, done } = await lines.next()
      if (done === true) throw new Error('the oracle has ended')
      return JSON.parse(value) as { action?: string; error?: string }
    },
    stop: () => void child.stdin.end(),
  }
}
