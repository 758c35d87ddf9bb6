/** Ids and gvks: equality, selection, order, texts and their way back. */
import { describe, expect, it } from 'vitest'
import {
  apiVersionOf,
  compareGvk,
  gvkIsSelected,
  gvkOf,
  gvkText,
} from '../../../../electron/engine/kustomize/resource/gvk.ts'
import {
  effectiveNamespace,
  makeResId,
  parseResId,
  resIdEquals,
  resIdGoText,
  resIdIsSelected,
  resIdKey,
  resIdText,
} from '../../../../electron/engine/kustomize/resource/res-id.ts'

const deployment = gvkOf('apps/v1', 'Deployment')
const clusterRole = gvkOf('rbac.authorization.k8s.io/v1', 'ClusterRole')

describe('gvk', () => {
  it.each([
    ['apps/v1', 'apps', 'v1'],
    ['v1', '', 'v1'],
    ['a/b/c', 'a', 'b/c'],
    ['/v1', '', 'v1'],
    ['', '', ''],
  ])('reads apiVersion %j', (apiVersion, group, version) => {
    expect(gvkOf(apiVersion, 'K')).toEqual({ group, version, kind: 'K' })
  })

  it('says what is missing', () => {
    expect(gvkText(deployment)).toBe('Deployment.v1.apps')
    expect(gvkText(gvkOf('', ''))).toBe('[noKind].[noVer].[noGrp]')
    expect(apiVersionOf(deployment)).toBe('apps/v1')
    expect(apiVersionOf(gvkOf('v1', 'Pod'))).toBe('v1')
  })

  it.each([
    [{ group: '', version: '', kind: '' }, true],
    [{ group: 'apps', version: '', kind: 'Deployment' }, true],
    [{ group: 'batch', version: '', kind: 'Deployment' }, false],
    [{ group: '', version: 'v2', kind: '' }, false],
    [null, true],
  ])('is selected by %j: %s', (selector, expected) => {
    expect(gvkIsSelected(deployment, selector)).toBe(expected)
  })

  it('sorts namespaces first, webhooks last, others by group, version and kind', () => {
    const kinds = ['v1 Widget', 'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration', 'apps/v1 Deployment']
    const all = [...kinds, 'v1 Namespace', 'a.io/v1 Widget', 'v1 Service'].map((text) => {
      const [apiVersion, kind] = text.split(' ') as [string, string]
      return gvkOf(apiVersion, kind)
    })
    expect(all.sort(compareGvk).map(gvkText)).toEqual([
      'Namespace.v1.[noGrp]',
      'Service.v1.[noGrp]',
      'Deployment.v1.apps',
      'Widget.v1.a.io',
      'Widget.v1.[noGrp]',
      'ValidatingWebhookConfiguration.v1.admissionregistration.k8s.io',
    ])
  })
})

describe('id', () => {
  it('takes no namespace and `default` for the same', () => {
    const plain = makeResId(deployment, 'a', '')
    expect(resIdEquals(plain, makeResId(deployment, 'a', 'default'))).toBe(true)
    expect(resIdKey(plain)).toBe(resIdKey(makeResId(deployment, 'a', 'default')))
    expect(resIdEquals(plain, makeResId(deployment, 'a', 'other'))).toBe(false)
    expect(resIdEquals(plain, makeResId(gvkOf('apps/v1beta1', 'Deployment'), 'a', ''))).toBe(false)
  })

  it('has no namespace if its kind has none, whatever is written', () => {
    const id = makeResId(clusterRole, 'a', 'ns')
    expect(effectiveNamespace(id)).toBe('_non_namespaceable_')
    expect(resIdEquals(id, makeResId(clusterRole, 'a', ''))).toBe(true)
    // Former ids are kept without their scope; the namespace written into them says it.
    const former = { ...clusterRole, name: 'a', namespace: '_non_namespaceable_' }
    expect(resIdEquals(id, former)).toBe(true)
  })

  it('keeps parts apart that would join to the same text', () => {
    const one = makeResId({ group: 'a', version: '', kind: 'b' }, 'c', '')
    const other = makeResId({ group: '', version: 'a', kind: 'b' }, 'c', '')
    expect(resIdKey(one)).not.toBe(resIdKey(other))
  })

  it.each([
    [makeResId(deployment, 'a', 'ns'), 'Deployment.v1.apps/a.ns'],
    [makeResId(gvkOf('v1', 'Pod'), 'a.b', ''), 'Pod.v1.[noGrp]/a.b.[noNs]'],
    [makeResId(gvkOf('x.io/v1', 'W'), '', 'n'), 'W.v1.x.io/[noName].n'],
  ])('prints and is read back: %#', (id, text) => {
    expect(resIdText(id)).toBe(text)
    expect(parseResId(text)).toEqual(id)
  })

  it("prints as Go's %#v", () => {
    expect(resIdGoText(makeResId(gvkOf('v1', 'Namespace'), 'a', ''))).toBe(
      'resid.ResId{Gvk:resid.Gvk{Group:"", Version:"v1", Kind:"Namespace", isClusterScoped:true}, Name:"a", Namespace:""}',
    )
  })

  it.each([
    ['a', '', true],
    ['', 'default', true],
    ['b', '', false],
    ['', 'ns', false],
  ])('is selected by name %j and namespace %j: %s', (name, namespace, expected) => {
    const any = { group: '', version: '', kind: '' }
    expect(resIdIsSelected(makeResId(deployment, 'a', ''), makeResId(any, name, namespace))).toBe(expected)
  })
})
