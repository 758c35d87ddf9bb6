/** The playground's sample fleet stays a picture, whichever way its objects come; on any other cluster the label means nothing. */
import { expect, test } from 'vitest'
import { stillLabel } from '../../../../shared/flux/labels.ts'
import type { ContextRow } from '../../../../shared/model/rows.ts'
import type { KubeObject } from '../../../../electron/engine/clusters/view.ts'
import { isStill } from '../../../../electron/engine/reconcile/hosting/not-hosted.ts'
import { HostedObjects } from '../../../../electron/engine/reconcile/queue/hosted-objects.ts'

const kind = { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization' }
const viewOf = (isPlayground: boolean) => ({ contexts: () => [{ isPlayground } as ContextRow] })

function kustomization(name: string, labels: Readonly<Record<string, string>>): KubeObject {
  return {
    apiVersion: `${kind.group}/v1`,
    kind: kind.kind,
    metadata: { name, namespace: 'apps', uid: name, resourceVersion: '1', labels },
  }
}
const still = kustomization('still', { [stillLabel.key]: stillLabel.value })
const real = kustomization('real', {})

test('only the playground has still pictures', () => {
  expect(isStill(viewOf(true), still)).toBe(true)
  expect(isStill(viewOf(true), real)).toBe(false)
  expect(isStill(viewOf(false), still)).toBe(false)
})

test('what is left out comes in by no list, watch or answer', () => {
  const told: string[] = []
  const objects = new HostedObjects(
    [kind],
    (_before, _after, object) => told.push(object.metadata.name),
    (object) => isStill(viewOf(true), object),
  )
  objects.replace(kind.group, kind.kind, [still, real])
  objects.put({ ...still, metadata: { ...still.metadata, resourceVersion: '2' } })
  objects.remove(still)
  expect([...objects.of(kind.group, kind.kind)].map(({ metadata }) => metadata.name)).toEqual(['real'])
  expect(told).toEqual(['real'])
})
