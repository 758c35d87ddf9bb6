/** `sluice build` and `sluice render` as processes, beside the real kustomize where it is there. */
import { execFile, spawn } from 'node:child_process'
import { appendFile, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { locateBinaries } from '../../../electron/adapters/control-plane/resolve-binaries.ts'

const program = path.resolve(import.meta.dirname, '../../../electron/cli/main.ts')
let folder = ''
let kustomize: string | undefined

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function end(file: string, args: readonly string[], input?: string): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(file, args, { cwd: folder, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
    })
    child.stdin?.end(input)
  })
}
const sluice = (args: readonly string[], input?: string): Promise<Ended> =>
  end(process.execPath, [program, ...args], input)

const put = async (file: string, text: string): Promise<void> => {
  await mkdir(path.dirname(path.join(folder, file)), { recursive: true })
  await writeFile(path.join(folder, file), text)
}
const flux = (name: string, spec: string): string =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: ${name}\n  namespace: flux-system\nspec:\n  interval: 1h\n  prune: true\n  sourceRef: {kind: GitRepository, name: flux-system}\n${spec}`

beforeAll(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'sluice-cli-')))
  kustomize = (await locateBinaries({ components: ['kustomize'] })).found.kustomize
  await put('app/kustomization.yaml', 'resources: [cm.yaml, deploy.yaml]\nnamePrefix: my-\ncommonLabels: {a: b}\n')
  await put(
    'app/cm.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {big: "12345678901234567890", text: "${WHO:=nobody}"}\n',
  )
  await put(
    'app/deploy.yaml',
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2, selector: {matchLabels: {app: web}}}\n',
  )
  await put('broken/kustomization.yaml', 'resources: [nowhere.yaml]\n')
  await put('plain/cm.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n')
  await put(
    'clusters/all.yaml',
    [
      flux('app', '  path: ./app\n  postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}\n'),
      flux('broken', '  path: ./broken\n'),
      flux('plain', '  path: ./plain\n'),
    ].join('---\n'),
  )
  await put('vars.yaml', 'WHO: somebody\nPORT: 8080\n')
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('sluice build PATH', () => {
  it.each([
    [['app']],
    [['app', '--enable-managedby-label']],
    [['app', '--reorder', 'legacy']],
    [['app', '--load-restrictor=LoadRestrictionsNone', '--reorder=none']],
    [['broken']],
    [['nowhere']],
    [['app/cm.yaml']],
    [['app', 'broken']],
    [['--reorder', 'sideways']],
    [['--load-restrictor', 'Some', 'app']],
    [['--unknown']],
    [['-q']],
    [['plain']],
    [[]],
  ])('%j says and ends as kustomize does', async (args) => {
    const words = args
    const ours = await sluice(['build', ...words])
    expect(ours.code === 0).toBe(ours.stdout !== '')
    if (kustomize === undefined) return
    const isOrdered = words.some((word) => word.startsWith('--reorder'))
    const native = await end(kustomize, ['build', ...words, ...(isOrdered ? [] : ['--reorder', 'none'])])
    const said = native.stderr.replace(isOrdered ? '' : /^Flag --reorder has been deprecated.*\n/m, '')
    expect(ours).toEqual({ ...native, stderr: said })
  })

  it('prints names and JSON, numbers as they are', async () => {
    expect((await sluice(['build', 'app', '-o', 'name'])).stdout).toBe('configmap/my-one\ndeployment.apps/my-web\n')
    const { stdout } = await sluice(['build', 'app', '-ojson'])
    const objects = JSON.parse(stdout) as { metadata: { name: string }; data?: Record<string, string> }[]
    expect(objects.map(({ metadata }) => metadata.name)).toEqual(['my-one', 'my-web'])
    expect(objects[0]?.data?.['big']).toBe('12345678901234567890')
    expect(stdout.split('\n')[1]).toBe('  {')
  })

  it('helps', async () => {
    expect((await sluice(['build', '--help'])).stdout).toContain('--substitute-from-file')
    expect((await sluice(['--help'])).stdout).toContain('build')
  })
})

describe('sluice build -f FILE', () => {
  it('renders each Kustomization; one that fails does not stop the others', async () => {
    const { code, stdout } = await sluice([
      'build',
      '-f',
      'clusters/all.yaml',
      '--substitute-from-file',
      'vars.yaml',
      '-o',
      'json',
    ])
    const rows = JSON.parse(stdout) as Record<string, unknown>[]
    expect(code).toBe(1)
    expect(rows.map(({ namespace, name, documents }) => [namespace, name, documents])).toEqual([
      ['flux-system', 'app', 2],
      ['flux-system', 'broken', 0],
      ['flux-system', 'plain', 1],
    ])
    expect(rows[0]).toMatchObject({ digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string, error: null })
    expect(rows[1]).toMatchObject({ digest: null, bytes: 0, error: { code: 'FileNotFound' } })
    expect(Object.keys(rows[2] ?? {})).toEqual(['namespace', 'name', 'digest', 'bytes', 'documents', 'error'])
  })

  it('prints YAML, from standard input and against another root', async () => {
    const text = flux('app', '  path: ./app\n  postBuild: {substituteFrom: [{kind: Secret, name: vars}]}\n')
    const { code, stdout, stderr } = await sluice(
      ['build', '-f', '-', '--root', folder, '--substitute-from-file', 'vars.yaml'],
      text,
    )
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('Error')])
    expect(stdout).toContain('text: somebody\n')
    expect(stdout.split('---\n')).toHaveLength(2)
  })

  it('says what is wrong with its own words', async () => {
    expect(await sluice(['build', '-f', 'vars.yaml'])).toMatchObject({ code: 1, stdout: '' })
    expect((await sluice(['build', 'app', '--root', '.'])).stderr).toBe('Error: --root needs -f FILE\n')
    expect((await sluice(['build', '-f', 'nowhere.yaml'])).stderr).toContain('nowhere.yaml: no such file or directory')
    await put('list.yaml', '- a\n')
    expect(
      (await sluice(['build', '-f', 'clusters/all.yaml', '--substitute-from-file', 'list.yaml'])).stderr,
    ).toContain('it must map names to texts')
  })
})

describe('sluice render DIR', () => {
  it('renders what is found, a line each', async () => {
    const { code, stdout } = await sluice(['render', '.', '--substitute-from-file', 'vars.yaml'])
    expect(code).toBe(1)
    expect(stdout).toMatch(/flux-system\/app +2 objects +[\d.]+ ms/)
    expect(stdout).toMatch(/flux-system\/broken +failed .*nowhere\.yaml/)
    expect(stdout).toMatch(/3 Kustomizations, 3 objects, 1 failed, \d+ ms/)
  })

  it('goes on with --watch, and renders again what a change reaches', async () => {
    const child = spawn(process.execPath, [program, 'render', '.', '--watch'], { cwd: folder })
    let seen = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text))
    const saw = async (pattern: RegExp): Promise<void> => expect.poll(() => seen, { timeout: 20_000 }).toMatch(pattern)
    await saw(/3 Kustomizations, /)
    // The watch may start a moment after the first line: the file is written until it is seen.
    await expect
      .poll(
        async () => {
          await appendFile(path.join(folder, 'plain/cm.yaml'), '# again\n')
          return seen
        },
        { timeout: 20_000, interval: 300 },
      )
      .toMatch(/flux-system\/plain .*\n1 of 3 Kustomizations/)
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await exited
  })
})
