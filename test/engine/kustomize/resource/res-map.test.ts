/** The map of a build's objects: order, equal ids, absorption of generated objects, look-ups and selection. */
import { describe, expect, it } from 'vitest'
import type { ResMap } from '../../../../electron/engine/kustomize/resource/res-map.ts'
import { createResMap } from '../../../../electron/engine/kustomize/resource/res-map.ts'
import type { GeneratorBehavior } from '../../../../electron/engine/kustomize/resource/resource.ts'
import { core, documents, errorOf, noSchemas, normal, printed, resMapOf, resourceOf } from './resources-from-yaml.ts'

const namesOf = (map: ResMap): string[] => map.resources().map((resource) => resource.name)

function generated(behavior: GeneratorBehavior, text: string): ResMap {
  const map = resMapOf(text)
  map.resources()[0]!.setBehavior(behavior)
  return map
}

describe('appending', () => {
  it('keeps the order', () => {
    const map = resMapOf(documents(core('ConfigMap', 'b'), core('ConfigMap', 'a')))
    map.appendAll(resMapOf(core('Secret', 'a')))
    expect(namesOf(map)).toEqual(['b', 'a', 'a'])
    expect(map.size).toBe(3)
  })

  it.each([
    ['the same id', core('ConfigMap', 'a', 'x'), 'ConfigMap.v1.[noGrp]/a.x', core('ConfigMap', 'a', 'x')],
    [
      'no namespace beside default',
      core('ConfigMap', 'a'),
      'ConfigMap.v1.[noGrp]/a.default',
      core('ConfigMap', 'a', 'default'),
    ],
    [
      'namespaces of a kind that has none',
      core('Namespace', 'a', 'x'),
      'Namespace.v1.[noGrp]/a.y',
      core('Namespace', 'a', 'y'),
    ],
  ])('refuses %s', (_name, first, id, second) => {
    expect(errorOf(() => resMapOf(documents(first, second)))).toBe(
      `may not add resource with an already registered id: ${id}`,
    )
  })

  it('sees an id that changed once it is told', () => {
    const map = resMapOf(core('ConfigMap', 'a'))
    map.resources()[0]!.setName('b')
    map.reindex()
    map.append(resourceOf(core('ConfigMap', 'a')))
    expect(errorOf(() => map.append(resourceOf(core('ConfigMap', 'b'))))).toContain('already registered')
  })

  it('asks the schemas for the scope of custom kinds', () => {
    const schemas = { forKind: () => null, isNamespaced: (_: string, kind: string) => kind !== 'Planet' }
    const map = createResMap(schemas)
    map.append(resourceOf('{apiVersion: x.io/v1, kind: Planet, metadata: {name: a, namespace: n}}\n'))
    const again = resourceOf('{apiVersion: x.io/v1, kind: Planet, metadata: {name: a, namespace: m}}\n')
    expect(errorOf(() => map.append(again))).toContain('already registered')
    expect(map.clusterScoped().length).toBe(1)
  })
})

describe('absorbing', () => {
  const present =
    '{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {x: old, y: old}}, data: {k: old, l: old}}\n'
  const id = (scoped = false): string =>
    `resid.ResId{Gvk:resid.Gvk{Group:"", Version:"v1", Kind:"ConfigMap", isClusterScoped:${scoped}}, Name:"a", Namespace:""}`

  it.each(['unspecified', 'create'] as const)('%s adds what is new', (behavior) => {
    const map = resMapOf(core('ConfigMap', 'b'))
    map.absorbAll(generated(behavior, core('ConfigMap', 'a')))
    expect(namesOf(map)).toEqual(['b', 'a'])
  })

  it.each(['unspecified', 'create'] as const)('%s refuses what is there', (behavior) => {
    const map = resMapOf(present)
    expect(errorOf(() => map.absorbAll(generated(behavior, core('ConfigMap', 'a'))))).toBe(
      `id ${id()} exists; can not use behavior: '${behavior}', behavior must be merge or replace`,
    )
  })

  it.each(['merge', 'replace'] as const)('%s asks for something that is there', (behavior) => {
    expect(errorOf(() => createResMap(noSchemas).absorbAll(generated(behavior, core('ConfigMap', 'a'))))).toBe(
      `id ${id()} does not exist; cannot merge or replace`,
    )
  })

  it('merges data and metadata, the new ones first', () => {
    const map = resMapOf(documents(present, core('ConfigMap', 'z')))
    const newer = '{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {x: new}}, data: {k: new, n: 5}}\n'
    map.absorbAll(generated('merge', newer))
    expect(printed(map)).toBe(
      normal(
        documents(
          '{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {x: new, y: old}}, data: {k: new, l: old, n: "5"}}\n',
          core('ConfigMap', 'z'),
        ),
      ),
    )
  })

  it('replaces data, keeps metadata', () => {
    const map = resMapOf(present)
    map.absorbAll(generated('replace', '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {n: v}}\n'))
    expect(printed(map)).toBe(
      normal('{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {x: old, y: old}}, data: {n: v}}\n'),
    )
  })

  it('finds an object by a former id and gives the new one its present id', () => {
    const map = resMapOf(core('ConfigMap', 'a'))
    const [old] = map.resources()
    old!.storePreviousId()
    old!.setName('pre-a')
    old!.setNamespace('team')
    map.reindex()
    map.absorbAll(generated('merge', '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: v}}\n'))
    expect(printed(map)).toBe(
      normal('{apiVersion: v1, kind: ConfigMap, metadata: {name: pre-a, namespace: team}, data: {k: v}}\n'),
    )
    expect(map.resources()[0]!.previousIds).toEqual([{ namespace: 'default', name: 'a', kind: 'ConfigMap' }])
  })

  it('adds a hash only where both ask for one', () => {
    for (const [oldHash, newHash] of [
      [true, true],
      [true, false],
      [false, true],
    ]) {
      const map = resMapOf(core('ConfigMap', 'a'))
      if (oldHash) map.resources()[0]!.enableHashSuffix()
      const newer = generated('merge', core('ConfigMap', 'a'))
      if (newHash) newer.resources()[0]!.enableHashSuffix()
      map.absorbAll(newer)
      expect(map.resources()[0]!.needsHashSuffix).toBe(oldHash && newHash)
    }
  })

  it('refuses to choose', () => {
    const map = resMapOf(documents(core('ConfigMap', 'x'), core('ConfigMap', 'y')))
    for (const resource of map.resources())
      resource.idLists = { namespaces: ['default'], names: ['a'], kinds: ['ConfigMap'] }
    map.reindex()
    const error = errorOf(() => map.absorbAll(generated('merge', core('ConfigMap', 'a'))))
    expect(error).toMatch(/^found multiple objects \[\{"apiVersion":"v1",/)
    expect(error).toMatch(/\] that could accept merge of ConfigMap\.v1\.\[noGrp\]\/a\.\[noNs\]$/)
  })
})

describe('looking up', () => {
  const map = resMapOf(documents(core('ConfigMap', 'a'), core('ConfigMap', 'b', 'n'), core('Namespace', 'n')))
  const [a, b, namespace] = map.resources()
  b!.idLists = { namespaces: ['default'], names: ['a'], kinds: ['ConfigMap'] }
  map.reindex()

  it('finds by present and by any id', () => {
    expect(map.getByCurrentId(a!.currentId())).toBe(a)
    expect(map.getByCurrentId({ ...a!.currentId(), name: 'none' })).toBeNull()
    expect(map.withAnyId(a!.currentId())).toEqual([a, b])
    expect(map.byAnyId((id) => id.name === 'a')).toEqual([a, b])
    expect(map.byOriginalId((id) => id.name === 'a')).toEqual([a, b])
    expect(map.byCurrentId((id) => id.namespace === 'n')).toEqual([b])
  })

  it('demands exactly one', () => {
    expect(map.getById(b!.currentId())).toBe(b)
    const text = 'ConfigMap.v1.[noGrp]/a.[noNs]'
    expect(errorOf(() => map.getById(a!.currentId()))).toBe(
      `multiple matches for Id ${text}; failed to find unique target for patch ${text}`,
    )
    const none = 'ConfigMap.v1.[noGrp]/none.[noNs]'
    expect(errorOf(() => map.getById({ ...a!.currentId(), name: 'none' }))).toBe(
      `no matches for Id ${none}; failed to find unique target for patch ${none}`,
    )
  })

  it('groups by namespace', () => {
    expect([...map.groupedByCurrentNamespace()]).toEqual([
      ['default', [a]],
      ['n', [b]],
    ])
    expect(map.clusterScoped()).toEqual([namespace])
  })

  it.each([
    [{ name: 'a' }, ['a', 'b']],
    [{ name: 'b|none' }, ['b']],
    [{ kind: 'Config.*' }, ['a', 'b']],
    [{ kind: 'Config' }, []],
    [{ namespace: 'default' }, ['a', 'b']],
    [{ namespace: 'n' }, ['b']],
    [{ namespace: '_non_namespaceable_' }, ['n']],
    [{ version: 'v1', group: '' }, ['a', 'b', 'n']],
  ])('selects by %j', (selector, expected) => {
    expect(map.select(selector).map((resource) => resource.name)).toEqual(expected)
  })
})

describe('changing', () => {
  it('replaces in place', () => {
    const map = resMapOf(documents(core('ConfigMap', 'a'), core('ConfigMap', 'b')))
    const newer = resourceOf('{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: v}}\n')
    expect(map.replace(newer)).toBe(0)
    expect(map.resources()[0]).toBe(newer)
    expect(errorOf(() => map.replace(resourceOf(core('ConfigMap', 'c'))))).toBe(
      'cannot find resource with id ConfigMap.v1.[noGrp]/c.[noNs] to replace',
    )
  })

  it('removes by the very id', () => {
    const map = resMapOf(documents(core('ConfigMap', 'a'), core('ConfigMap', 'b')))
    const id = map.resources()[0]!.currentId()
    expect(errorOf(() => map.remove({ ...id, namespace: 'default' }))).toBe(
      'id ConfigMap.v1.[noGrp]/a.default not found in removal',
    )
    map.remove(id)
    expect(namesOf(map)).toEqual(['b'])
    map.append(resourceOf(core('ConfigMap', 'a')))
    map.clear()
    expect(map.size).toBe(0)
  })

  it('drops what has no field left', () => {
    const map = resMapOf(documents(core('ConfigMap', 'a'), core('ConfigMap', 'b')))
    map.resources()[0]!.node.keys.length = 0
    map.resources()[0]!.node.values.length = 0
    map.dropEmpties()
    expect(namesOf(map)).toEqual(['b'])
  })

  it('copies objects deeply or not at all', () => {
    const map = resMapOf(core('ConfigMap', 'a'))
    const deep = map.copy()
    const shallow = map.shallowCopy()
    map.resources()[0]!.setName('b')
    expect([namesOf(deep), namesOf(shallow)]).toEqual([['a'], ['b']])
  })
})
