/**
 * `sluice drift` on a real fleet of more than 200 Kustomizations that the real controllers have applied: before anybody edits exactly what the API
 * server's own records say the next apply changes, then the edits that were made besides, and the controller does what was listed. Prints twenty of them beside what the API server itself says. Soak runs
 * only; SLUICE_SAMPLES names a folder that gets the table, the live objects and the tree in Git, to be looked at by hand.
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DriftField, DriftObject, DriftOwner } from '../../../shared/model/drift.ts'
import { isDrift } from '../../../shared/model/drift.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { inParallel } from '../../app/populate.ts'
import { runSluice } from '../../integration/run-sluice.ts'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import { isSoak } from '../../soak.ts'
import { pointerTo } from '../../../electron/engine/gate/json-pointer.ts'
import type { KubeObject } from '../apply-manifests.ts'
import { deriveFleet, type Fleet } from '../fleet/derive-fleet.ts'
import { startFluxControllers, type RunningFlux } from '../flux.ts'
import { startGitServer, type GitServer } from '../git-server.ts'
import { fleetArchive, fluxAssets, startTestCluster, type TestCluster } from '../start.ts'
import { objectTitle } from './drift-engine.ts'
import { fieldAt, makeFleetEdits, managersAt, type FleetEdit, type FleetObject } from './fleet-edits.ts'
import { readServedKinds } from './served-kinds.ts'
import type { FluxObject } from './truth-fleet.ts'

/** The largest repository of the corpus: the Kustomizations of both of these clusters are more than 200. */
const archive = fleetArchive('joryirving_home-ops')
const entryFiles = { main: 'kubernetes/clusters/main/apps.yaml', utility: 'kubernetes/clusters/utility/apps.yaml' }
const sampleCount = 20
const patienceMs = 3_600_000
const maxTries = 4

interface Member {
  readonly context: string
  readonly cluster: TestCluster
  readonly flux: RunningFlux
  readonly git: GitServer
  readonly fleet: Fleet
}

type ToldObject = DriftObject & { readonly fields: readonly DriftField[] }

interface Told {
  readonly owners: readonly {
    readonly context: string
    readonly ref: ObjectRef
    readonly error: SluiceErrorData | null
    readonly result: DriftOwner | null
    readonly objects: readonly ToldObject[]
  }[]
  readonly problems: readonly string[]
}

const titleOf = ({ kind, metadata }: KubeObject): string =>
  objectTitle({ kind, namespace: metadata.namespace ?? '', name: metadata.name })
const isReady = ({ metadata, status }: FluxObject): boolean =>
  status?.observedGeneration === metadata.generation &&
  status?.conditions?.some(({ type, status: word }) => type === 'Ready' && word === 'True') === true

describe.skipIf(!isSoak || archive === null || fluxAssets() === null)(
  'a real fleet (soak runs only; FLUX_ASSETS and corpus)',
  { timeout: patienceMs },
  () => {
    const members: Member[] = []
    let home: string
    let objects: readonly FleetObject[] = []
    /** `CONTEXT NAMESPACE/NAME` of the Kustomizations that are applied as a whole. */
    const applied = new Set<string>()
    let before: Told
    let told: Told
    let edits: readonly FleetEdit[] = []

    /** Until each Kustomization was compared, or says itself why not: an API server that had no time for an answer is asked again. */
    const drift = async (): Promise<Told> => {
      for (let tries = 1; ; tries++) {
        const found = await driftOnce()
        const open = found.owners.filter(({ ref, error }) => ref.kind === 'Kustomization' && error !== null)
        for (const { context, ref, error } of open)
          process.stderr.write(`${context} ${ref.namespace}/${ref.name}: ${error?.code} ${error?.message}\n`)
        if (tries === maxTries || !open.some(({ error }) => error?.retry === 'transient')) return found
      }
    }

    const driftOnce = async (): Promise<Told> => {
      const hosts = new Set<string>()
      for (const { cluster } of members) {
        const { items } = await cluster.requestOk<{ items: FluxObject[] }>(
          'GET',
          '/apis/source.toolkit.fluxcd.io/v1/gitrepositories',
        )
        for (const { status } of items) if (status?.artifact !== undefined) hosts.add(new URL(status.artifact.url).host)
      }
      const startedAt = performance.now()
      const { code, out, words } = await runSluice(
        [
          ...['drift', '-A', '-o', 'json', '--verbose'],
          ...members.flatMap(({ context }) => ['--context', context]),
          ...[...hosts].flatMap((host) => ['--allow-host', host]),
        ],
        {
          home,
          kubeconfig: members.map(({ cluster }) => cluster.kubeconfigPath).join(path.delimiter),
          env: { SLUICE_CACHE_DIR: path.join(home, 'cache') },
        },
      )
      const seconds = Math.round((performance.now() - startedAt) / 1000)
      process.stderr.write(`sluice drift: exit code ${code} after ${seconds} s\n${words.slice(0, 4000)}\n`)
      return JSON.parse(out) as Told
    }

    /** All but those few that fail again and again, because what they wait for is not on this machine. */
    const untilApplied = (fleet: Fleet): ReturnType<Fleet['readState']> =>
      waitUntil(async () => {
        const state = await fleet.readState()
        const open = state.others.filter((line) => line.startsWith('Kustomization ')).length
        const isApplied = state.total > fleet.kustomizations.length && open <= fleet.kustomizations.length / 20
        return isApplied && state.ready >= state.total * 0.9 ? state : null
      }, patienceMs)

    /** What the controllers of Ready Kustomizations have applied and still hold. */
    const readObjects = async ({ context, cluster }: Member): Promise<readonly FleetObject[]> => {
      const served = await readServedKinds(cluster)
      const { items } = await cluster.requestOk<{ items: FluxObject[] }>(
        'GET',
        '/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations',
      )
      const places = new Map<string, string[]>()
      for (const { metadata } of items.filter(isReady))
        applied.add(`${context} ${metadata.namespace ?? ''}/${metadata.name}`)
      for (const item of items)
        for (const { id, v } of isReady(item) ? (item.status?.inventory?.entries ?? []) : []) {
          const holder = `${item.metadata.namespace ?? ''}/${item.metadata.name}`
          const [namespace = '', name = '', group = '', kind = ''] = id.split('_')
          const at = served.pathOf({
            apiVersion: group === '' ? v : `${group}/${v}`,
            kind,
            metadata: { name: name.replaceAll('__', ':'), namespace },
          })
          if (at !== null) places.set(at, [...(places.get(at) ?? []), holder])
        }
      const found: FleetObject[] = []
      await inParallel([...places], 8, async ([at, holders]) => {
        const { status, body } = await cluster.request('GET', at)
        if (status === 200) found.push({ context, cluster, at, holders, before: body as KubeObject })
      })
      return found.sort((a, b) => (a.at < b.at ? -1 : 1))
    }

    beforeAll(async () => {
      home = await mkdtemp(path.join(tmpdir(), 'sluice-fleet-drift-'))
      for (const [context, entryFile] of Object.entries(entryFiles)) {
        const cluster = await startTestCluster({ name: context })
        const flux = await startFluxControllers(cluster, {
          assets: fluxAssets() ?? '',
          controllers: ['source-controller', 'kustomize-controller', 'helm-controller'],
        })
        const git = await startGitServer()
        const fleet = await deriveFleet(archive ?? '', { cluster, git, entryFile, isWaitDropped: true })
        members.push({ context, cluster, flux, git, fleet })
      }
      for (const { context, fleet, flux } of members) {
        const { ready, total, others } = await untilApplied(fleet)
        process.stderr.write(
          `${context}: ${fleet.origin}, ${fleet.kustomizations.length} Kustomizations; ${ready} of ${total} Ready\n` +
            others.map((line) => `  ${line.slice(0, 300)}\n`).join(''),
        )
        // Nobody sets an edit back before it was looked at.
        await flux.kill('kustomize-controller')
        await flux.kill('helm-controller')
      }
      for (const member of members) objects = [...objects, ...(await readObjects(member))]
    }, patienceMs)
    afterAll(async () => {
      for (const { fleet, flux, git, cluster } of members) {
        await fleet.stop()
        await flux.stop()
        await git.stop()
        await cluster.stop()
      }
      await rm(home, { recursive: true, force: true, maxRetries: 5 })
    })

    it('has more than 200 Kustomizations, of which before any edit nothing differs but what the API server has recorded', async () => {
      expect(members.reduce((sum, { fleet }) => sum + fleet.kustomizations.length, 0)).toBeGreaterThan(200)
      before = await drift()
      expect(before.problems).toEqual([])
      const kustomizations = before.owners.filter(({ ref }) => ref.kind === 'Kustomization')
      const compared = kustomizations.filter(({ error }) => error === null)
      const words = new Map<string, number>()
      for (const { result } of compared) {
        const word = result?.fidelity?.word ?? '?'
        words.set(word, (words.get(word) ?? 0) + 1)
      }
      process.stderr.write(
        `${compared.length} of ${kustomizations.length} Kustomizations and ${before.owners.length - kustomizations.length} ` +
          `HelmReleases, ${before.owners.reduce((sum, owner) => sum + owner.objects.length, 0)} objects; ${JSON.stringify([...words])}\n`,
      )
      expect(compared.length).toBeGreaterThan(200)
      const recorded = objects.flatMap((object) => recordedLines(object)).sort()
      process.stderr.write(`${recorded.length} recorded differences\n${recorded.map((line) => `  ${line}\n`).join('')}`)
      expect(driftLines(before)).toEqual(recorded)
    })

    it('tells every edit and nothing else, with what the API server says', async () => {
      const { made, left } = await makeFleetEdits(objects.filter(({ holders }) => holders.length === 1))
      edits = made
      process.stderr.write(`${made.length} edits${left.map((line) => `\n  left out: ${line}`).join('')}\n`)
      expect(made.length).toBeGreaterThanOrEqual(25)
      told = await drift()
      const samples = Array.from(
        { length: sampleCount },
        (_, at) => made[Math.floor((at * made.length) / sampleCount)]!,
      )
      await keepSamples(samples)
      const recorded = objects.filter((object) => !isOutweighed(object)).flatMap((object) => recordedLines(object))
      expect(driftLines(told)).toEqual([...recorded, ...made.flatMap((edit) => expectedLine(edit))].sort())
      for (const edit of made.filter(({ verdict }) => verdict === 'notOwned'))
        expect([titleOf(edit.object.before), toldOf(told, edit).notOwnedCount]).toEqual([
          titleOf(edit.object.before),
          toldOf(before, edit).notOwnedCount + 1,
        ])
      for (const edit of made.filter(({ how }) => how === 'status'))
        expect(toldOf(told, edit).notOwnedCount).toBe(toldOf(before, edit).notOwnedCount)
    })

    it('lists what the controller then sets back, and what it leaves', async () => {
      expect(edits.length).toBeGreaterThan(0)
      for (const { flux } of members) await flux.restart('kustomize-controller')
      const read = async ({ object, path: at }: FleetEdit): Promise<unknown> => {
        const { status, body } = await object.cluster.request('GET', object.at)
        if (status === 404) return undefined
        return at.length === 0 ? 'there' : fieldAt(body, at)
      }
      const wanted = ({ verdict, gitValue, liveValue }: FleetEdit): unknown =>
        verdict === 'created' ? 'there' : verdict === 'notOwned' || verdict === 'none' ? liveValue : gitValue
      const open = async (): Promise<readonly string[]> => {
        const lines: string[] = []
        for (const edit of edits) {
          const value = await read(edit)
          if (JSON.stringify(value) !== JSON.stringify(wanted(edit)))
            lines.push(`${titleOf(edit.object.before)} ${edit.pointer}: ${JSON.stringify(value)}`)
        }
        return lines
      }
      await waitUntil(async () => ((await open()).length === 0 ? true : null), patienceMs / 4).catch(() => undefined)
      expect(await open()).toEqual([])
    })

    it('lists what the controller then does to what nobody edited: it takes records over, and two that apply one object take turns', async () => {
      const unowned = objects.filter((object) => isUnowned(object.before))
      const disputed = objects.filter(({ holders }) => holders.length > 1)
      for (const object of unowned)
        await waitUntil(async () => {
          const { status, body } = await object.cluster.request('GET', object.at)
          return status === 200 && !isUnowned(body as KubeObject) ? true : null
        }, patienceMs / 4)
      for (const object of disputed)
        for (const holder of object.holders) {
          const [namespace = '', name = ''] = holder.split('/')
          await object.cluster.requestOk(
            'PATCH',
            `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${namespace}/kustomizations/${name}`,
            { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': `${holder} ${object.at}` } } },
            'application/merge-patch+json',
          )
          await waitUntil(async () => {
            const { body } = await object.cluster.request('GET', object.at)
            return ownerOf(body as KubeObject) === holder ? true : null
          }, patienceMs / 4)
        }
    })

    /** The object had no record of fields when its controller first applied it: the API server then made one that the next apply takes over. */
    function isUnowned({ metadata }: KubeObject): boolean {
      const { managedFields = [] } = metadata as { managedFields?: readonly { manager: string; operation: string }[] }
      return managedFields.some(({ manager, operation }) => manager === 'before-first-apply' && operation === 'Update')
    }

    /** `NAMESPACE/NAME` of the Kustomization that applied it last. */
    function ownerOf({ metadata }: KubeObject): string {
      const label = (name: string): string => metadata.labels?.[`kustomize.toolkit.fluxcd.io/${name}`] ?? ''
      return `${label('namespace')}/${label('name')}`
    }

    /** What the next applies change of an object that nobody edited, by its managedFields and by the inventories that it is in. */
    function recordedLines({ context, holders, before: object }: FleetObject): readonly string[] {
      const title = `${context} ${titleOf(object)}`
      const [ownNamespace, ownName] = ownerOf(object).split('/')
      const labels = holders.flatMap((holder) => {
        const [namespace, name] = holder.split('/')
        return [namespace === ownNamespace ? '' : 'namespace', name === ownName ? '' : 'name'].filter(
          (label) => label !== '',
        )
      })
      if (labels.length > 0)
        return labels.map(
          (label) =>
            `${title} ${pointerTo('metadata', 'labels', `kustomize.toolkit.fluxcd.io/${label}`)} drift changed by kustomize-controller`,
        )
      return isUnowned(object) ? [`${title} /metadata/managedFields record added by before-first-apply`] : []
    }

    /** Where fields differ as well they are told, not the record. */
    function isOutweighed(object: FleetObject): boolean {
      return edits.some((edit) => edit.object === object && edit.verdict !== 'notOwned' && edit.verdict !== 'none')
    }

    /** `main ConfigMap ns/name /data/a drift changed by kubectl-edit`. */
    function driftLines({ owners }: Told): readonly string[] {
      return owners
        .filter(
          ({ context, ref }) => ref.kind !== 'Kustomization' || applied.has(`${context} ${ref.namespace}/${ref.name}`),
        )
        .flatMap(({ context, objects: found }) =>
          found
            .filter(({ action }) => isDrift(action))
            .flatMap((object) => {
              const title = `${context} ${objectTitle(object.ref)}`
              if (object.action !== 'configured') return [`${title} ${object.action}`]
              return object.fields
                .filter(({ verdict }) => verdict !== 'notOwned' && verdict !== 'ignored')
                .map((field) => lineOf(title, field))
            }),
        )
        .sort()
    }

    function lineOf(title: string, { pointer, verdict, change, blame }: DriftField): string {
      // Who removed a field is recorded nowhere.
      const manager = change === 'removed' ? '' : ` by ${blame?.manager ?? 'nobody'}`
      return `${title} ${pointer} ${verdict} ${change}${manager}`
    }

    function expectedLine({ object, verdict, how, pointer, manager }: FleetEdit): readonly string[] {
      const title = `${object.context} ${titleOf(object.before)}`
      switch (verdict) {
        case 'created':
          return [`${title} created`]
        case 'reclaimed':
          return [`${title} ${pointer} reclaimed added by ${manager}`]
        case 'drift':
          return [`${title} ${pointer} drift ${how === 'remove' ? 'removed' : `changed by ${manager}`}`]
        default:
          return []
      }
    }

    function toldOf({ owners }: Told, { object }: FleetEdit): ToldObject {
      const found = owners
        .filter(({ context, ref }) => context === object.context && ref.kind === 'Kustomization')
        .flatMap(({ objects: all }) => all)
        .find(({ ref }) => objectTitle(ref) === titleOf(object.before))
      if (found === undefined) throw new Error(`${titleOf(object.before)} is not in the report`)
      return found
    }

    async function keepSamples(samples: readonly FleetEdit[]): Promise<void> {
      const folder = process.env['SLUICE_SAMPLES']
      const rows: string[][] = []
      for (const [index, edit] of samples.entries()) {
        const { object, path: at, pointer, gitValue } = edit
        const { status, body } = await object.cluster.request('GET', object.at)
        const live = body as KubeObject
        const said = toldOf(told, edit)
        const field = said.fields.find((each) => each.pointer === pointer)
        rows.push([
          String(index + 1),
          `${object.context} ${titleOf(object.before)}`,
          pointer,
          edit.verdict === 'created' ? 'there' : shown(gitValue),
          status === 404 ? 'missing' : shown(fieldAt(live, at)),
          status === 404 ? '' : managersAt(live, at).join(' '),
          field === undefined
            ? `${said.action}${said.notOwnedCount > 0 ? `, ${said.notOwnedCount} not owned by Git` : ''}`
            : `${field.verdict}: ${shown(field.gitValue)} → ${shown(field.liveValue)} by ${field.blame?.manager ?? '?'}`,
          said.origin === null ? '' : `${said.origin.file}:${said.origin.line}`,
        ])
        if (folder === undefined) continue
        await mkdir(path.join(folder, 'live'), { recursive: true })
        const text = status === 404 ? 'missing' : JSON.stringify(live, null, 2)
        await writeFile(path.join(folder, 'live', `${index + 1}.json`), `${object.context} ${object.at}\n${text}\n`)
      }
      const header = ['', 'object', 'field', 'Git', 'live', 'managers', 'Sluice', 'file']
      const table = [header, header.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
      process.stderr.write(`${table}\n`)
      if (folder === undefined) return
      await writeFile(path.join(folder, 'samples.md'), `${table}\n`)
      await writeFile(path.join(folder, 'told.json'), JSON.stringify(told, null, 1))
      for (const { context, fleet } of members)
        await cp(fleet.repository.workFolder, path.join(folder, 'git', context), { recursive: true })
    }

    function shown(value: unknown): string {
      if (value === undefined || value === null) return '(absent)'
      const text = (typeof value === 'string' ? value : JSON.stringify(value))
        .replaceAll('\n', '⏎')
        .replaceAll('|', '\\|')
      return text.length > 80 ? `${text.slice(0, 80)}…` : text
    }
  },
)
