import { expect, it } from 'vitest'
import type { KubeObject } from '../../../../electron/engine/clusters/view.ts'
import { HostedObjects } from '../../../../electron/engine/reconcile/queue/hosted-objects.ts'

const group = 'kustomize.toolkit.fluxcd.io'
const kind = 'Kustomization'
const object = (resourceVersion: string, more: Record<string, unknown> = {}, uid = 'u1'): KubeObject => ({
  apiVersion: `${group}/v1`,
  kind,
  metadata: { name: 'x', namespace: 'a', uid, resourceVersion, finalizers: ['f'], ...more },
})

function open(): { objects: HostedObjects; log: string[] } {
  const log: string[] = []
  const objects = new HostedObjects([{ group, kind }], (before, after) => {
    log.push(`${before?.metadata.resourceVersion ?? '-'}>${after?.metadata.resourceVersion ?? '-'}`)
  })
  return { objects, log }
}

it('tells each change once, whichever way it comes, and never goes back', () => {
  const { objects, log } = open()
  objects.put(object('9'))
  objects.put(object('11'))
  objects.put(object('9'))
  objects.put(object('11'))
  expect(log).toEqual(['->9', '9>11'])
  expect(objects.get({ group, kind, namespace: 'a', name: 'x' })?.metadata.resourceVersion).toBe('11')
})

it('knows which answer is older than what it has', () => {
  const { objects } = open()
  expect(objects.isNews(object('9'))).toBe(true)
  objects.put(object('11'))
  expect(['9', '11', '12', '100'].map((version) => objects.isNews(object(version)))).toEqual([false, false, true, true])
})

it('does not bring back what is gone by a late answer', () => {
  const { objects, log } = open()
  objects.put(object('9'))
  objects.remove(object('12'))
  objects.put(object('10'))
  expect(log).toEqual(['->9', '9>-'])
  objects.put(object('13', {}, 'u2'))
  expect(log.at(-1)).toBe('->13')
})

it('takes the answer to the write of the last finalizer as the end', () => {
  const { objects, log } = open()
  objects.put(object('9'))
  objects.put(object('10', { deletionTimestamp: '2026-01-01T00:00:00Z' }))
  objects.put(object('11', { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: [] }))
  expect(log).toEqual(['->9', '9>10', '10>-'])
})

it('takes a new list whole', () => {
  const { objects, log } = open()
  objects.put(object('9'))
  objects.replace(group, kind, [object('20', { name: 'y' }, 'u2')])
  expect(log).toEqual(['->9', '9>-', '->20'])
  expect([...objects.of(group, kind)]).toHaveLength(1)
  objects.put({ ...object('21'), kind: 'Other' })
  expect(log).toHaveLength(3)
})
