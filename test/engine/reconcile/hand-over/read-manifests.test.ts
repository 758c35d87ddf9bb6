import { loadAll } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { readManifests } from '../../../../electron/engine/reconcile/hand-over/read-manifests.ts'
import type { Loose } from './printed-installation.ts'
import { account, deployment, installation, namespace, print } from './printed-installation.ts'

const read = (objects: readonly Loose[], name = 'flux.yaml') =>
  readManifests([{ name, text: print(objects) }], '/picked')
/** The installation with the Deployment of kustomize-controller changed. */
const withController = (pod: Loose, container: Loose = {}): readonly Loose[] => [
  ...installation.filter((_each, index) => index !== 4),
  deployment('kustomize-controller', pod, container),
]

describe('manifests of Flux', () => {
  it('are read with what they install, in their order', () => {
    const { version, namespace: where, deployments, clusterAdmins, objects } = read(installation)
    expect({ version, where, clusterAdmins }).toEqual({
      version: 'v2.9.5',
      where: namespace,
      clusterAdmins: ['kustomize-controller'],
    })
    expect(deployments.map(({ name, image }) => [name, image])).toEqual([
      ['source-controller', 'example.invalid/fluxcd/source-controller:v1.0.0'],
      ['kustomize-controller', 'example.invalid/fluxcd/kustomize-controller:v1.0.0'],
    ])
    expect(objects).toEqual(loadAll(print(installation)))
  })

  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x', namespace } }
  const definition = (name: string, group: string): Loose => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: { group, names: { plural: 'widgets', kind: 'Widget' } },
  })
  const binding = (subject: Loose): Loose => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'more' },
    roleRef: { kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [subject],
  })
  it.each<[string, readonly Loose[], string]>([
    ['another kind', [...installation, secret], 'Secret x (v1) is no part of an installation of Flux'],
    [
      'a definition of others',
      [...installation, definition('widgets.acme.dev', 'acme.dev')],
      'is not one of Flux’s kinds',
    ],
    [
      'a definition under a false name',
      [...installation, definition('gadgets.image.toolkit.fluxcd.io', 'image.toolkit.fluxcd.io')],
      'does not define what its name says',
    ],
    ['rights for a person', [...installation, binding({ kind: 'User', name: 'eve' })], 'gives rights to User eve'],
    [
      'rights for another namespace',
      [...installation, binding({ kind: 'ServiceAccount', name: 'x', namespace: 'default' })],
      'gives rights to ServiceAccount x',
    ],
    ['a foreign program', [...installation, deployment('miner')], 'is none of Flux’s controllers'],
    ['a foreign image', withController({}, { image: 'example.invalid/miner:1' }), 'runs example.invalid/miner:1'],
    ['a second container', withController({ containers: [{}, {}] }), 'other containers than its own'],
    ['an init container', withController({ initContainers: [{ name: 'x' }] }), 'other containers than its own'],
    ['the host’s network', withController({ hostNetwork: true }), 'wants hostNetwork'],
    ['privileges', withController({}, { securityContext: { privileged: true } }), 'wants to be privileged'],
    [
      'files of the node',
      withController({ volumes: [{ name: 'x', hostPath: { path: '/' } }] }),
      'a volume of kind hostPath',
    ],
    ['an unknown account', withController({ serviceAccountName: 'default' }), 'runs as default, which is not in it'],
    [
      'another namespace',
      [...installation, { ...secret, kind: 'Service', metadata: { name: 'x', namespace: 'kube-system' } }],
      'is not in flux-system',
    ],
    [
      'two namespaces',
      [...installation, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'b' } }],
      'several namespaces',
    ],
    ['an object twice', [...installation, account('source-controller')], 'is in it twice'],
    ['a missing controller', installation.filter((_each, index) => index !== 3), 'source-controller is missing'],
    ['no object', [...installation, { metadata: { name: 'x' } }], 'is no Kubernetes object'],
  ])('are refused with %s', (_what, objects, words) => {
    expect(() => read(objects)).toThrow(words)
    expect(() => read(installation)).not.toThrow()
  })

  it('are refused where they are no YAML, naming the file', () => {
    expect(() => readManifests([{ name: 'flux.yaml', text: 'a: [' }], '/picked')).toThrow(/^flux\.yaml: /)
  })

  it('of a bootstrapped cluster’s folder are the components, as long as nothing changes them', () => {
    const files = [
      { name: 'gotk-components.yaml', text: print(installation) },
      { name: 'gotk-sync.yaml', text: print([secret]) },
    ]
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: ['gotk-components.yaml'],
    }
    const plain = { name: 'kustomization.yaml', text: print([kustomization]) }
    expect(readManifests([...files, plain], '/folder').objects).toHaveLength(installation.length)
    const patched = { name: 'kustomization.yaml', text: print([{ ...kustomization, patches: [{ patch: 'x' }] }]) }
    expect(() => readManifests([...files, patched], '/folder')).toThrow('kustomization.yaml changes what is beside it')
  })
})
