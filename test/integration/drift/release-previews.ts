/** Suspended releases, what was changed meanwhile, and what their controller does once they are resumed. */
import { gunzipSync } from 'node:zlib'
import type { ResumePreview } from '../../../shared/model/drift.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { packReleaseForSecret } from '../../fixtures/helm-storage.ts'

export const ns = 'flux-system'

/** A small chart that says what it was given. */
export const previewChart = (version: string): Readonly<Record<string, string>> => ({
  'Chart.yaml': `apiVersion: v2\nname: small\nversion: ${version}\n`,
  'values.yaml': 'text: none\nbroken: fine\n',
  'templates/all.yaml': ['a', 'b']
    .map(
      (part) =>
        `---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-${part}\ndata:\n` +
        `  values: {{ .Values | toJson | quote }}\n  version: {{ .Chart.Version }}\n  broken: {{ .Values.broken }}\n`,
    )
    .join(''),
})

export interface Situation {
  readonly name: string
  readonly spec?: object
  /** While it is suspended. */
  readonly change?: (cluster: TestCluster, path: string) => Promise<unknown>
  /** Of the words of the preview; absent: it is harmless. */
  readonly caution?: RegExp
  readonly counts?: Partial<Pick<ResumePreview, 'createdCount' | 'configuredCount' | 'note'>>
  /** What the controller does then: a new release in storage or none, objects of the release written. */
  readonly makesRelease: boolean
  readonly writes?: readonly string[]
}

const merge = 'application/merge-patch+json'
const editSpec =
  (spec: object) =>
  (cluster: TestCluster, path: string): Promise<unknown> =>
    cluster.requestOk('PATCH', path, { spec }, merge)
const editPart =
  (name: string) =>
  (cluster: TestCluster): Promise<unknown> =>
    cluster.requestOk(
      'PATCH',
      `/api/v1/namespaces/${ns}/configmaps/${name}-a?fieldManager=kubectl-edit`,
      { data: { version: 'edited' } },
      merge,
    )
const drop =
  (plural: string, name: string) =>
  (cluster: TestCluster): Promise<unknown> =>
    cluster.requestOk('DELETE', `/api/v1/namespaces/${ns}/${plural}/${name}`)

/** Values that are easy to digest otherwise than Go does. */
const oddValues = {
  text: 'ünï <b> & "q"',
  floats: [0.1, 1e21, 1.5, 100000000, 1234567.5, 1e-7],
  large: 2 ** 53 + 4,
  nothing: null,
  deep: { '': [], b: {}, a: [[1, [null]], 'yes', '010', 'a\nb\n', '2024-01-01'] },
}

export const configSources = [
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'map-values', namespace: ns },
    data: { 'values.yaml': 'text: from map\nlist: [1, 2.50, 0x10]\nbig: 12345678901234567890\n', flat: '{a,1,true}' },
  },
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'secret-values', namespace: ns },
    stringData: { 'values.yaml': 'deep: {c: hunter2}\n', literal: 'a,b={c}[d]\\e', flat: 'yes' },
  },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'edited-values', namespace: ns },
    data: { 'values.yaml': 'text: before\n' },
  },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'needed', namespace: ns },
    data: { 'values.yaml': 'text: needed\n' },
  },
]

const everywhere = [
  { kind: 'ConfigMap', name: 'map-values' },
  { kind: 'ConfigMap', name: 'map-values', valuesKey: 'flat', targetPath: 'names' },
  { kind: 'Secret', name: 'secret-values' },
  { kind: 'Secret', name: 'secret-values', valuesKey: 'literal', targetPath: 'deep.a\\.b', literal: true },
  { kind: 'Secret', name: 'secret-values', valuesKey: 'flat', targetPath: 'list[3].flat' },
  { kind: 'ConfigMap', name: 'absent', optional: true },
]

const patchOf = (value: string): object => ({
  postRenderers: [
    {
      kustomize: {
        patches: [{ target: { kind: 'ConfigMap' }, patch: `- op: add\n  path: /data/post\n  value: ${value}\n` }],
      },
    },
  ],
})

export const situations: readonly Situation[] = [
  { name: 'same', spec: { values: oddValues, valuesFrom: everywhere, ...patchOf('a') }, makesRelease: false },
  {
    name: 'values',
    change: editSpec({ values: { text: 'new', more: { x: 1 } } }),
    caution: /its values changed \(more, text\)/,
    makesRelease: true,
  },
  {
    name: 'back',
    spec: { values: { text: 'kept', number: 1 } },
    change: async (cluster, path) => {
      await editSpec({ values: { text: 'other' } })(cluster, path)
      await editSpec({ values: { text: 'kept', number: 1.0 }, interval: '20m' })(cluster, path)
    },
    makesRelease: false,
  },
  {
    name: 'mapped',
    spec: { valuesFrom: [{ kind: 'ConfigMap', name: 'edited-values' }], values: { own: 1 } },
    change: (cluster) =>
      cluster.requestOk(
        'PATCH',
        `/api/v1/namespaces/${ns}/configmaps/edited-values`,
        { data: { 'values.yaml': 'text: after\n' } },
        merge,
      ),
    caution: /its values changed \(text\)/,
    makesRelease: true,
  },
  {
    name: 'unmapped',
    spec: { valuesFrom: [{ kind: 'ConfigMap', name: 'needed' }] },
    change: drop('configmaps', 'needed'),
    caution: /ConfigMap flux-system\/needed of spec\.valuesFrom was not found/,
    makesRelease: false,
  },
  { name: 'moved', caution: /its chart moves from small@1\.0\.0 to small@1\.1\.0/, makesRelease: true },
  {
    name: 'drifted-on',
    spec: { driftDetection: { mode: 'enabled' } },
    change: editPart('drifted-on'),
    caution: /It sets one object back: driftDetection\.mode is enabled/,
    counts: { configuredCount: 1 },
    makesRelease: false,
    writes: ['drifted-on-a'],
  },
  {
    name: 'gone-on',
    spec: { driftDetection: { mode: 'enabled' } },
    change: drop('configmaps', 'gone-on-b'),
    caution: /It sets one object back/,
    counts: { createdCount: 1 },
    makesRelease: false,
    writes: ['gone-on-b'],
  },
  {
    name: 'ignored-on',
    spec: { driftDetection: { mode: 'enabled', ignore: [{ paths: ['/data/version'] }] } },
    change: editPart('ignored-on'),
    makesRelease: false,
  },
  {
    name: 'drifted-warn',
    spec: { driftDetection: { mode: 'warn' } },
    change: editPart('drifted-warn'),
    counts: { configuredCount: 0, note: 'One drifted object stays as it is: driftDetection.mode is not enabled.' },
    makesRelease: false,
  },
  {
    name: 'drifted-off',
    change: editPart('drifted-off'),
    counts: { configuredCount: 0, note: 'One drifted object stays as it is: driftDetection.mode is not enabled.' },
    makesRelease: false,
  },
  { name: 'failed', caution: /its last release failed/, makesRelease: true },
  {
    name: 'uninstalled',
    change: async (cluster) => {
      for (const part of ['a', 'b']) await drop('configmaps', `uninstalled-${part}`)(cluster)
      await drop('secrets', 'sh.helm.release.v1.uninstalled.v1')(cluster)
    },
    caution: /It installs the release: there is no release in storage/,
    makesRelease: true,
  },
  {
    name: 'by-hand',
    change: async (cluster) => {
      const secrets = `/api/v1/namespaces/${ns}/secrets`
      const made = await cluster.requestOk<{ data: { release: string }; type: string }>(
        'GET',
        `${secrets}/sh.helm.release.v1.by-hand.v1`,
      )
      const labels = { owner: 'helm', name: 'by-hand', status: 'pending-upgrade', version: '2' }
      await cluster.requestOk('POST', secrets, {
        apiVersion: 'v1',
        kind: 'Secret',
        type: made.type,
        metadata: { name: 'sh.helm.release.v1.by-hand.v2', labels },
        data: { release: asPending(made.data.release) },
      })
    },
    caution: /It unlocks the release, which is pending-upgrade, and upgrades it/,
    makesRelease: true,
  },
  {
    name: 'rendered',
    spec: patchOf('a'),
    change: editSpec(patchOf('b')),
    caution: /its post-renderers changed/,
    makesRelease: true,
  },
  {
    name: 'labelled',
    change: editSpec({ commonMetadata: { labels: { team: 'a' } } }),
    caution: /its common metadata changed/,
    makesRelease: true,
  },
  {
    name: 'renamed',
    change: editSpec({ releaseName: 'renamed-b' }),
    caution: /installs it anew: its name changes from renamed to renamed-b/,
    makesRelease: true,
  },
  {
    name: 'asked',
    change: (cluster, path) => {
      const annotations = { 'reconcile.fluxcd.io/requestedAt': 'token', 'reconcile.fluxcd.io/forceAt': 'token' }
      return cluster.requestOk('PATCH', path, { metadata: { annotations } }, merge)
    },
    makesRelease: false,
  },
]

/** As an upgrade leaves it that was killed. */
function asPending(payload: string): string {
  const release = JSON.parse(
    gunzipSync(Buffer.from(Buffer.from(payload, 'base64').toString(), 'base64')).toString(),
  ) as { info: object }
  const pending = { ...release, version: 2, info: { ...release.info, status: 'pending-upgrade' } }
  return packReleaseForSecret(pending)
}
