/**
 * A real repository, reconciled by the real controllers without leaving the machine. In soak runs only: in `npm test` flux-digest.test.ts waits for
 * the same fleet and compares more, and test/e2e/flux.test.ts shows it in the window.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startFluxControllers, type RunningFlux } from '../flux.ts'
import { startGitServer, type GitServer } from '../git-server.ts'
import { fleetArchive, fluxAssets, startTestCluster, type TestCluster } from '../start.ts'
import { isSoak } from '../../soak.ts'
import { deriveFleet, type Fleet } from './derive-fleet.ts'

const assets = fluxAssets()
const archive = fleetArchive('onedr0p_home-ops')

describe.skipIf(!isSoak || assets === null || archive === null)(
  'a derived fleet (soak runs only; FLUX_ASSETS and corpus)',
  () => {
    let cluster: TestCluster
    let flux: RunningFlux
    let git: GitServer
    let fleet: Fleet

    beforeAll(async () => {
      cluster = await startTestCluster({ components: { controllerManager: true } })
      flux = await startFluxControllers(cluster, { assets: assets ?? '' })
      git = await startGitServer()
      fleet = await deriveFleet(archive ?? '', { cluster, git })
      process.stderr.write(`${fleet.origin}, left out or replaced:\n${fleet.leftOut.toLines().join('\n')}\n`)
    })
    afterAll(async () => {
      await fleet?.stop()
      await flux?.stop()
      await git?.stop()
      await cluster?.stop()
    })

    it('settles with at least 80 % Ready, every Kustomization of it there', { timeout: 240_000 }, async () => {
      const state = await fleet.waitUntilSettled(180_000)
      process.stderr.write(`${state.ready} of ${state.total} Ready\n${state.others.join('\n')}`)
      expect(state.ready / state.total).toBeGreaterThanOrEqual(0.8)
      const list = await cluster.requestOk<{ items: { metadata: { name: string } }[] }>(
        'GET',
        '/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations',
      )
      expect(list.items.map(({ metadata }) => metadata.name).sort()).toEqual(fleet.kustomizations)
    })

    it('is seen by the flux CLI as it is', async () => {
      const { code, stdout } = await flux.fluxCli(['get', 'kustomizations', '-A', '--no-header'])
      expect(code).toBe(0)
      expect(stdout.trim().split('\n')).toHaveLength(fleet.kustomizations.length)
    })

    it('fetches a new commit', async () => {
      const hash = await fleet.repository.commit({ 'kubernetes/apps/note.txt': 'moved' })
      // The source alone: that everything built from it follows takes most of a minute.
      const result = await flux.fluxCli(['reconcile', 'source', 'git', fleet.entry.source, '-n', fleet.entry.namespace])
      expect(result).toMatchObject({ code: 0, stderr: expect.stringContaining(hash) as unknown })
    })
  },
)
