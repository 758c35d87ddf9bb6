import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tryLock, waitForLock } from '../../../electron/adapters/control-plane/folder-lock.ts'
import type { ControlPlaneProgress } from '../../../electron/adapters/control-plane/progress.ts'
import { locateBinaries, resolveBinaries } from '../../../electron/adapters/control-plane/resolve-binaries.ts'
import { isGone, pathOfTool, waitUntil } from './processes-under-test.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-resolve-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function writeProgram(file: string, text = '#!/bin/sh\n'): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, text)
  await chmod(file, 0o755)
}

describe('where the programs come from', () => {
  it('takes KUBEBUILDER_ASSETS when kube-apiserver and etcd are both there, and not otherwise', async () => {
    const assets = path.join(folder, 'assets')
    const env = { KUBEBUILDER_ASSETS: assets, PATH: '/nowhere' }
    await writeProgram(path.join(assets, 'etcd'))
    const options = { components: ['etcd', 'kube-apiserver'] as const, cacheFolder: folder, env }
    expect((await locateBinaries(options)).missing).toEqual(['etcd', 'kube-apiserver'])
    await writeProgram(path.join(assets, 'kube-apiserver'))
    expect(await resolveBinaries(options)).toEqual({
      etcd: path.join(assets, 'etcd'),
      'kube-apiserver': path.join(assets, 'kube-apiserver'),
    })
  })

  it('never takes an empty or non-executable file of the cache for a program', async () => {
    const options = { components: ['etcd'] as const, cacheFolder: folder, env: { PATH: '/nowhere' } }
    const bin = path.join((await locateBinaries(options)).folder, 'bin')
    await writeProgram(path.join(bin, 'etcd'), '')
    expect((await locateBinaries(options)).missing).toEqual(['etcd'])
    await writeFile(path.join(bin, 'etcd'), 'half')
    await chmod(path.join(bin, 'etcd'), 0o644)
    expect((await locateBinaries(options)).missing).toEqual(['etcd'])
    await chmod(path.join(bin, 'etcd'), 0o755)
    expect((await locateBinaries(options)).missing).toEqual([])
  })

  it('names every remedy when there is neither a program nor Go', async () => {
    const options = { components: ['etcd', 'kwok'] as const, cacheFolder: folder, env: { PATH: '/nowhere' } }
    await expect(resolveBinaries(options)).rejects.toMatchObject({
      code: 'ToolMissing',
      message: expect.stringMatching(/etcd, kwok .*no go on PATH/) as unknown,
      remedy: expect.stringMatching(/install Go 1\.21.*KUBEBUILDER_ASSETS.*official release/s) as unknown,
    })
  })

  it('says so when the Go on PATH is too old', async () => {
    await writeProgram(path.join(folder, 'tools', 'go'), '#!/bin/sh\necho go1.19.8\n')
    const env = { PATH: `${path.join(folder, 'tools')}:/bin:/usr/bin` }
    const options = { components: ['etcd'] as const, cacheFolder: folder, env }
    await expect(resolveBinaries(options)).rejects.toThrow(/1\.19, older than 1\.21/)
  })

  it('asks an archive source before it builds, and leaves nothing of one that has nothing', async () => {
    const options = { components: ['etcd', 'kwok'] as const, cacheFolder: folder, env: { PATH: '/nowhere' } }
    const asked: string[] = []
    const archives = {
      async fetchProgram(component: string, target: string): Promise<boolean> {
        asked.push(component)
        await writeFile(target, '#!/bin/sh\n')
        return component === 'etcd'
      },
    }
    await expect(resolveBinaries({ ...options, archives })).rejects.toThrow(/^kwok cannot be found or built/)
    expect(asked).toEqual(['etcd', 'kwok'])
    const { found, folder: cache } = await locateBinaries(options)
    expect(Object.keys(found)).toEqual(['etcd'])
    expect(await readdir(path.join(cache, 'bin'))).toEqual(['etcd'])
  })
})

describe('building with go', () => {
  /** An environment in which every package must be compiled again. */
  async function coldGoEnv(): Promise<NodeJS.ProcessEnv> {
    return { ...process.env, GOCACHE: path.join(folder, 'gocache') }
  }

  it.skipIf(!pathOfTool('go'))('a cancelled build ends its compilers and leaves no program', async () => {
    const controller = new AbortController()
    const seen: ControlPlaneProgress[] = []
    const options = { components: ['etcd'] as const, cacheFolder: folder, env: await coldGoEnv() }
    const building = resolveBinaries({
      ...options,
      signal: controller.signal,
      onProgress(progress) {
        seen.push(progress)
        if (progress.detail !== '') controller.abort()
      },
    })
    await expect(building).rejects.toMatchObject({ code: 'Canceled', retry: 'canceled' })
    expect(seen[0]).toMatchObject({ step: 'build etcd', index: 1, of: 1 })
    const { missing, folder: cache } = await locateBinaries(options)
    expect(missing).toEqual(['etcd'])
    expect((await readdir(cache)).filter((name) => name.startsWith('build-') && !name.endsWith('.log'))).toEqual([])
    expect(await readdir(cache)).not.toContain('build.lock')
  })

  it("two builders at once build once: the second waits, says for whom, and uses the first one's program", async () => {
    // A go that takes until it is told: the point is the lock, not the compiler.
    const tools = path.join(folder, 'tools')
    const gate = path.join(folder, 'gate')
    await writeProgram(
      path.join(tools, 'go'),
      `#!/bin/sh
[ "$1" = env ] && { echo go1.26.0; exit; }
echo built >> ${folder}/builds
while [ ! -e ${gate} ]; do sleep 0.05; done
while [ "$1" != -o ]; do shift; done
echo '#!/bin/sh' > "$2"
`,
    )
    const env = { PATH: `${tools}:/bin:/usr/bin` }
    const steps: string[] = []
    const options = { components: ['etcd'] as const, cacheFolder: folder, env }
    const build = (onStep: (step: string, detail: string) => void): Promise<unknown> =>
      resolveBinaries({ ...options, onProgress: ({ step, detail }) => onStep(step, detail) })
    const first = build((step) => steps.push(step))
    await waitUntil(() => steps.includes('build etcd'))
    const waits: string[] = []
    const second = build((step, detail) => waits.push(`${step}: ${detail}`))
    await waitUntil(() => waits.length > 0)
    expect(waits[0]).toBe(`wait for another build: process ${process.pid} is building the same programs`)
    await writeFile(gate, '')
    expect(await first).toEqual(await second)
    expect(waits.some((line) => line.startsWith('build etcd'))).toBe(false)
  })

  it('quotes the compiler when a build fails', async () => {
    const tools = path.join(folder, 'tools')
    await writeProgram(
      path.join(tools, 'go'),
      '#!/bin/sh\n[ "$1" = env ] && { echo go1.26.0; exit; }\necho "cannot find module" >&2; exit 3\n',
    )
    const env = { PATH: `${tools}:/bin:/usr/bin` }
    await expect(resolveBinaries({ components: ['etcd'], cacheFolder: folder, env })).rejects.toMatchObject({
      code: 'BuildFailed',
      message: expect.stringContaining('exit 3') as unknown,
      detail: expect.stringContaining('cannot find module') as unknown,
    })
  })

  it('takes over the lock of a process that is gone', async () => {
    const file = path.join(folder, 'lock')
    const other = spawn('/bin/sh', ['-c', 'exit 0'])
    await new Promise((resolve) => other.once('exit', resolve))
    await writeFile(file, `${other.pid} gone`)
    const lock = await tryLock(file)
    expect(lock).not.toBeNull()
    expect(await tryLock(file)).toBeNull()
    await lock?.release()
    await (await waitForLock(file)).release()
  })
})

describe('a builder that dies', () => {
  it.skipIf(!pathOfTool('go'))('takes its compilers with it', async () => {
    const tools = path.join(folder, 'tools')
    await mkdir(tools)
    const pidFile = path.join(folder, 'pid')
    await writeProgram(
      path.join(tools, 'go'),
      `#!/bin/sh\n[ "$1" = env ] && { echo go1.26.0; exit; }\necho $$ > ${pidFile}\nexec sleep 600\n`,
    )
    await symlink(process.execPath, path.join(tools, 'node'))
    const resolver = fileURLToPath(
      new URL('../../../electron/adapters/control-plane/resolve-binaries.ts', import.meta.url),
    )
    const script = `import { resolveBinaries } from ${JSON.stringify(resolver)}
await resolveBinaries({ components: ['etcd'], cacheFolder: ${JSON.stringify(folder)} })`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: 'ignore',
      env: { ...process.env, PATH: `${tools}:/bin:/usr/bin` },
    })
    const compiler = await waitUntil(async () => {
      const { readFile } = await import('node:fs/promises')
      return Number(await readFile(pidFile, 'utf8').catch(() => '0')) || null
    })
    parent.kill('SIGKILL')
    await waitUntil(() => isGone(compiler))
  })
})
