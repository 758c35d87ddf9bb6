/** The playground where nothing but an API server and etcd can be had: it starts, loads its fleet, and says what does not move. */
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPlayground } from '../../../electron/adapters/playground/playground.ts'
import type { NodePlayground } from '../../../electron/adapters/playground/playground.ts'
import { defaultModulesFolder } from '../../../electron/adapters/control-plane/components.ts'
import type { PlaygroundState } from '../../../shared/model/app.ts'
import { samplesFolder } from '../../app/sample-cluster.ts'
import { resolveTestBinaries } from '../../cluster/start.ts'

let folder = ''
let playground: NodePlayground
const seen: PlaygroundState[] = []
const now = (): PlaygroundState | undefined => seen.at(-1)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-playground-'))
  const programs = join(folder, 'programs')
  await mkdir(programs)
  for (const [name, file] of Object.entries(await resolveTestBinaries(['etcd', 'kube-apiserver'])))
    await symlink(file, join(programs, name))
  // The loop's repository, and of the fleet the namespaces alone: what is loaded here is not looked at.
  const samples = join(folder, 'samples')
  await mkdir(samples)
  for (const name of ['00-namespaces.yaml', 'repository']) await symlink(join(samplesFolder, name), join(samples, name))
  playground = createPlayground({
    folder: join(folder, 'data'),
    // Empty, and no Go to fill it.
    cacheDir: join(folder, 'cache'),
    samplesDir: samples,
    modulesDir: defaultModulesFolder,
    env: { KUBEBUILDER_ASSETS: programs, PATH: '/nowhere' },
    logger: { log: () => undefined },
    now: () => Date.now(),
  })
  playground.port.watch((state) => seen.push(state))
})
afterAll(async () => {
  await playground.dispose()
  await rm(folder, { recursive: true, force: true })
})

it('runs without controller manager, scheduler and kwok, and says that workloads do not move', async () => {
  await playground.port.start()
  expect(now()?.error).toBeNull()
  expect(now()).toMatchObject({ state: 'running', context: 'playground', loop: { isMoving: false } })
  const words = 'Without the controller manager, scheduler and kwok, workloads do not move on this playground.'
  expect(now()?.limitation).toBe(words)
  // From the first moment on: a person reads it while the fleet is loaded.
  expect(seen.find(({ state }) => state === 'starting')?.limitation).toBe(words)
  expect(seen.some(({ step }) => /^Loading the sample fleet: \d+ of \d+ objects$/.test(step))).toBe(true)
  expect(playground.kubeconfigPath()).toBe(join(folder, 'data', 'kubeconfig'))
  await playground.port.stop(false)
  expect(now()).toMatchObject({ state: 'absent', limitation: '', loop: null })
})
