/** Benches of rendering: cold processes, a running worker, fleets, edits, memory and growth, beside the real kustomize. Ids start with `render.`. */
import { execFile } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { createDiskFiles } from '../../electron/adapters/files/disk-files.ts'
import type { FluxTree } from '../../electron/engine/build/incremental/flux-tree.ts'
import { createFluxTree } from '../../electron/engine/build/incremental/flux-tree.ts'
import { createDocumentCache } from '../../electron/engine/kustomize/document-cache.ts'
import { fleetArchive } from '../cluster/start.ts'
import { nativeKustomize } from '../fuzz/differential.ts'
import { Chance } from '../fuzz/random.ts'
import { againstAnchor, againstBar, median, percentile } from './report.ts'
import type { Figure } from './report.ts'
import { writeBenchTree } from './render-trees.ts'
import type { BuiltInWorker } from './render-worker.ts'
import type { Bench } from './spine.ts'

const root = join(import.meta.dirname, '..', '..')
const program = join(root, 'dist', 'cli', 'sluice.js')
const many = 10_000
/** Stands for the many in a quick run: the real kustomize needs a hundredth of the time. */
const few = 1_000

/** `isQuick`: the real kustomize is measured with a thousand documents in place of ten thousand. */
export function createRenderBenches(isQuick: boolean): readonly Bench[] {
  return [
    {
      ids: ['render.documents-10k', 'render.memory-10k'],
      run: () => inFolder((folder) => manyDocuments(folder, isQuick)),
    },
    { ids: ['render.documents-1k', 'render.overlay-1k'], run: () => inFolder(oneThousand) },
    { ids: ['render.growth'], run: () => inFolder(growth) },
    { ids: ['render.fleet-cold', 'render.fleet-again'], run: () => inFolder(fleet) },
    { ids: ['render.edit-p50', 'render.edit-p95'], run: () => inFolder(edits) },
  ]
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'sluice-bench-')))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Ran {
  readonly ms: number
  readonly stdout: string
}

function run(file: string, args: readonly string[], cwd: string): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now()
    execFile(file, args, { cwd, maxBuffer: 1 << 30 }, (error, stdout, stderr) => {
      if (error === null) resolve({ ms: performance.now() - startedAt, stdout })
      else reject(new Error(`${file} ${args.join(' ')}: ${stderr.slice(0, 500)}`, { cause: error }))
    })
  })
}

/** Cold processes, the first of which fills the code cache and is not counted. */
async function coldMs(args: readonly string[], cwd: string, runs: number): Promise<Ran> {
  let last = await run(process.execPath, [program, ...args], cwd)
  const times: number[] = []
  for (let count = 0; count < runs; count++) {
    last = await run(process.execPath, [program, ...args], cwd)
    times.push(last.ms)
  }
  return { ms: median(times), stdout: last.stdout }
}

async function nativeBuild(folder: string): Promise<Ran> {
  return run(await nativeKustomize(), ['build', folder, '--reorder', 'none'], folder)
}

async function manyDocuments(folder: string, isQuick: boolean): Promise<Figure[]> {
  await writeBenchTree(folder, many)
  const ours = await coldMs(['build', join(folder, 'base')], folder, 5)
  const { stdout: memory } = await run(
    process.execPath,
    [join(import.meta.dirname, 'render-memory.ts'), join(folder, 'base')],
    root,
  )
  let measured = join(folder, 'base')
  if (isQuick) {
    await writeBenchTree(join(folder, 'few'), few)
    measured = join(folder, 'few', 'base')
  }
  const native = await nativeBuild(measured)
  const compared = isQuick ? await coldMs(['build', measured], folder, 1) : ours
  const isEqual = native.stdout === compared.stdout
  return [
    {
      id: 'render.documents-10k',
      value: Math.round(ours.ms),
      unit: 'ms',
      anchor: Math.round(native.ms),
      ratio: Math.round((ours.ms / native.ms) * 10_000) / 10_000,
      bar: `<= 1500 ms, output equal (anchor: ${isQuick ? few : many} documents)`,
      ok: ours.ms <= 1500 && isEqual,
    },
    againstBar('render.memory-10k', Number(memory), 'MB', 400),
  ]
}

class RunningWorker {
  readonly #worker = new Worker(new URL('./render-worker.ts', import.meta.url))

  async build(folder: string): Promise<BuiltInWorker> {
    this.#worker.postMessage(folder)
    const [built] = (await once(this.#worker, 'message')) as [BuiltInWorker]
    return built
  }

  async medianMs(folder: string, runs: number): Promise<BuiltInWorker> {
    let last = await this.build(folder)
    const times: number[] = []
    for (let count = 0; count < runs; count++) {
      last = await this.build(folder)
      times.push(last.ms)
    }
    return { ms: median(times), sha256: last.sha256 }
  }

  stop(): Promise<number> {
    return this.#worker.terminate()
  }
}

async function oneThousand(folder: string): Promise<Figure[]> {
  await writeBenchTree(folder, few)
  const worker = new RunningWorker()
  const figures: Figure[] = []
  for (const [id, part] of [
    ['render.documents-1k', 'base'],
    ['render.overlay-1k', 'overlay'],
  ] as const) {
    const ours = await worker.medianMs(join(folder, part), 9)
    const native = await nativeBuild(join(folder, part))
    const isEqual = hash('sha256', native.stdout) === ours.sha256
    const figure = againstAnchor(id, ours.ms, 'ms', native.ms, 0.1, 'kustomize, output equal')
    figures.push({ ...figure, ok: figure.ok && isEqual })
  }
  await worker.stop()
  return figures
}

/** Slope of the line through the logarithms of documents and times. */
async function growth(folder: string): Promise<Figure[]> {
  const worker = new RunningWorker()
  const points: [number, number][] = []
  for (const count of [1_000, 3_000, 10_000, 30_000]) {
    const tree = join(folder, String(count))
    await writeBenchTree(tree, count)
    const times: number[] = []
    for (let runs = count > 5_000 ? 4 : 8; runs > 0; runs--) times.push((await worker.build(join(tree, 'base'))).ms)
    // The best of several: what garbage collection and neighbours add is not growth.
    const ms = Math.min(...times)
    console.error(`  ${count} documents: ${ms.toFixed(0)} ms`)
    points.push([Math.log(count), Math.log(ms)])
    await rm(tree, { recursive: true, force: true })
  }
  await worker.stop()
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length
  const slope =
    points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) /
    points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  return [againstBar('render.growth', slope, 'log/log', 1.15)]
}

interface UnpackedFleet {
  readonly tree: string
  readonly variablesFile: string
  readonly variables: ReadonlyMap<string, string>
  readonly paths: readonly string[]
  /** Digest by name, where the controller's code gave one. */
  readonly digests: ReadonlyMap<string, string>
}

async function unpackFleet(name: string, folder: string): Promise<UnpackedFleet> {
  const archive = fleetArchive(name)
  if (archive === null) throw new Error(`the corpus with ${name} is not beside the checkout`)
  await mkdir(folder, { recursive: true })
  await run('tar', ['-xJf', archive, '-C', folder], folder)
  const [inner = ''] = await readdir(folder)
  const file = JSON.parse(await readFile(join(folder, inner, 'cases.json'), 'utf8')) as {
    variables?: Record<string, string>
    cases: { name: string; digest?: string; object: { spec: { path?: string } } }[]
  }
  const variablesFile = join(folder, 'variables.json')
  await writeFile(variablesFile, JSON.stringify(file.variables ?? {}))
  return {
    tree: join(folder, inner, 'tree'),
    variablesFile,
    variables: new Map(Object.entries(file.variables ?? {})),
    paths: file.cases.map(({ object }) => object.spec.path ?? '.'),
    digests: new Map(
      file.cases.flatMap(({ name: own, digest }) => (digest === undefined ? [] : [[own, digest] as const])),
    ),
  }
}

function openTree({ tree, variables }: UnpackedFleet): FluxTree {
  return createFluxTree({
    files: createDiskFiles(),
    root: tree,
    variables: () => variables,
    decryption: null,
    documents: createDocumentCache(),
    contentKey: (bytes) => hash('sha1', bytes, 'base64'),
    sha256Hex: (text) => hash('sha256', text),
    now: () => performance.now(),
    checkpoint: () => undefined,
  })
}

function renderAll(tree: FluxTree): readonly ReturnType<FluxTree['render']>[] {
  return tree.scan().kustomizations.map(({ key }) => tree.render(key))
}

/** 78 Kustomizations of a real repository: a cold process beside as many plain spawns of kustomize, and a second render. */
async function fleet(folder: string): Promise<Figure[]> {
  const unpacked = await unpackFleet('onedr0p_home-ops', join(folder, 'fleet'))
  const args = ['render', unpacked.tree, '--substitute-from-file', unpacked.variablesFile]
  const cold = await coldMs(args, folder, 7)
  const kustomize = await nativeKustomize()
  const startedAt = performance.now()
  for (const path of unpacked.paths) {
    const directory = join(unpacked.tree, path)
    if (existsSync(join(directory, 'kustomization.yaml')))
      await run(kustomize, ['build', directory, '--load-restrictor', 'LoadRestrictionsNone'], folder).catch(
        () => undefined,
      )
  }
  const spawnsMs = performance.now() - startedAt
  const tree = openTree(unpacked)
  const first = renderAll(tree)
  const again: number[] = []
  for (let count = 0; count < 9; count++) {
    const from = performance.now()
    tree.changed(null)
    renderAll(tree)
    again.push(performance.now() - from)
  }
  const right = first.filter(({ title, result }) => unpacked.digests.get(title.replace(/^.*\//, '')) === result.digest)
  const areDigestsRight = right.length === unpacked.digests.size
  if (!areDigestsRight) console.error(`  ${right.length} of ${unpacked.digests.size} digests are right`)
  const figure = againstBar('render.fleet-cold', cold.ms, 'ms', 400)
  return [
    {
      ...figure,
      anchor: Math.round(spawnsMs),
      ratio: Math.round((cold.ms / spawnsMs) * 100) / 100,
      bar: `${figure.bar}, digests right (anchor: ${unpacked.paths.length} spawns of kustomize)`,
      ok: figure.ok && areDigestsRight,
    },
    againstBar('render.fleet-again', median(again), 'ms', 20),
  ]
}

/** 200 single-file edits in a fleet of 243 Kustomizations: from the change to everything rendered. */
async function edits(folder: string): Promise<Figure[]> {
  const unpacked = await unpackFleet('joryirving_home-ops', join(folder, 'fleet'))
  const copied = join(folder, 'edited')
  await cp(unpacked.tree, copied, { recursive: true })
  const tree = openTree({ ...unpacked, tree: copied })
  const chance = new Chance(1)
  renderAll(tree)
  const files = tree.scan().files
  const times: number[] = []
  let rebuilt = 0
  for (let count = 0; count < 200; count++) {
    const file = join(copied, chance.pick(files))
    const before = await readFile(file, 'utf8')
    if (chance.is(0.5)) await appendFile(file, `\n# edit ${count}\n`)
    else await writeFile(file, before.replace(/: (\w[\w./-]*)$/m, `: $1x`))
    const from = performance.now()
    tree.changed([file])
    rebuilt += renderAll(tree).filter(({ isReused }) => !isReused).length
    times.push(performance.now() - from)
    await writeFile(file, before)
    tree.changed([file])
    renderAll(tree)
  }
  console.error(`  ${(rebuilt / times.length).toFixed(1)} Kustomizations built for an edit, on average`)
  return [
    againstBar('render.edit-p50', percentile(times, 0.5), 'ms', 30),
    againstBar('render.edit-p95', percentile(times, 0.95), 'ms', 150),
  ]
}
