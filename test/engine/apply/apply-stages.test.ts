import { expect, it } from 'vitest'
import { stagesOf } from '../../../electron/engine/apply/apply-stages.ts'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'

const object = (apiVersion: string, kind: string, name = 'x'): KubeObject => ({ apiVersion, kind, metadata: { name } })
const names = (objects: readonly KubeObject[], custom: readonly { group: string; kind: string }[] = []): unknown =>
  stagesOf(objects, custom).map((stage) => [
    stage.isWaitedFor,
    stage.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).join(', '),
  ])

it('applies definitions, classes, chosen kinds and the rest, each in the order of kinds', () => {
  const objects = [
    object('apps/v1', 'Deployment'),
    object('v1', 'Service'),
    object('example.com/v1', 'WidgetClass'),
    object('storage.k8s.io/v1', 'StorageClass'),
    object('example.com/v1', 'Widget', 'b'),
    object('example.com/v1', 'Widget', 'a'),
    object('rbac.authorization.k8s.io/v1', 'ClusterRole'),
    object('v1', 'Namespace'),
    object('apiextensions.k8s.io/v1', 'CustomResourceDefinition'),
    object('cert.example.com/v1', 'Issuer'),
    object('v1', 'ConfigMap'),
    object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'),
  ]
  expect(names(objects, [{ group: 'cert.example.com', kind: 'Issuer' }])).toEqual([
    [true, 'CustomResourceDefinition x, Namespace x, ClusterRole x'],
    [true, 'StorageClass x, WidgetClass x'],
    [false, 'Issuer x'],
    [false, 'ConfigMap x, Service x, Deployment x, Widget a, Widget b, ValidatingWebhookConfiguration x'],
  ])
})

it('knows a definition by its group', () => {
  expect(names([object('example.com/v1', 'Namespace'), object('example.com/v1', 'ClusterRole')])).toEqual([
    [false, 'Namespace x, ClusterRole x'],
  ])
  expect(names([])).toEqual([])
})
