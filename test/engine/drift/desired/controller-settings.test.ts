import { expect, it } from 'vitest'
import { readControllerSettings } from '../../../../electron/engine/drift/desired/controller-settings.ts'
import { controller, kustomization } from './doubles.ts'

const read = (args: readonly string[], version = 'v1.9.4') =>
  readControllerSettings([controller(args, { version })], kustomization())

it('takes what the arguments say', () => {
  const settings = read([
    '--override-manager=ui',
    '--override-manager',
    'other',
    '--custom-apply-stage-kinds=rbac.authorization.k8s.io/Role, ConfigMap',
    '--no-remote-bases',
    '--no-cross-namespace-refs=false',
    '--default-service-account=default',
    '--feature-gates=ExternalArtifact=true,StrictPostBuildSubstitutions=false',
    '--sops-age-secret=age',
  ])
  expect(settings).toEqual({
    isStrict: false,
    defaultServiceAccount: 'default',
    overrideManagers: ['ui', 'other'],
    customStageKinds: [
      { group: 'rbac.authorization.k8s.io', kind: 'Role' },
      { group: '', kind: 'ConfigMap' },
    ],
    isRemoteBaseAllowed: false,
    isCrossNamespaceAllowed: true,
    isExternalArtifactAllowed: true,
    sopsAgeSecret: { namespace: 'flux-system', name: 'age' },
    assumptions: [],
  })
})

it('is strict from 1.9 on', () => {
  expect(read([], 'v1.9.0').isStrict).toBe(true)
  expect(read([], 'v2.0.0').isStrict).toBe(true)
  expect(read([], 'v1.8.9').isStrict).toBe(false)
  expect(read(['--feature-gates=StrictPostBuildSubstitutions=true'], 'v1.8.9').isStrict).toBe(true)
})

it('says what it assumes: no arguments, no version, an older way with images', () => {
  const unread = readControllerSettings([], kustomization())
  expect(unread).toMatchObject({ isStrict: true, isExternalArtifactAllowed: null })
  expect(unread.assumptions[0]).toContain('could not be read')
  expect(read([], '').assumptions).toEqual(['The version of kustomize-controller is not known: 1.9 is assumed.'])
  const images = kustomization({ images: [{ name: 'a', newTag: 'b' }] })
  const older = readControllerSettings([controller([], { version: 'v1.9.3' })], images)
  expect(older.assumptions[0]).toContain('kustomize-controller 1.9.3 replaces images')
})

it('is of the shard that the object belongs to', () => {
  const rows = [
    controller(['--override-manager=main'], { shard: '!sharding.fluxcd.io/key' }),
    controller(['--override-manager=one'], {
      name: 'kustomize-controller-one',
      shard: 'sharding.fluxcd.io/key in (one)',
    }),
  ]
  const labelled = kustomization()
  const sharded = { ...labelled, metadata: { ...labelled.metadata, labels: { 'sharding.fluxcd.io/key': 'one' } } }
  expect(readControllerSettings(rows, labelled).overrideManagers).toEqual(['main'])
  expect(readControllerSettings(rows, sharded).overrideManagers).toEqual(['one'])
})
