import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  formatLink,
  formatRoute,
  objectRoute,
  objectTabs,
  parseRoute,
  viewNames,
  viewRoute,
} from '../../../renderer/app/routes.ts'
import { formatPlace, parsePlace } from '../../../renderer/stores/repositories.ts'
import { scaleCount, seed } from '../../soak.ts'

test('every place survives its path', () => {
  const name = fc.string({ minLength: 1, maxLength: 40 })
  const route = fc.oneof(
    fc
      .record({ view: fc.constantFrom(...viewNames), filter: fc.string({ maxLength: 60 }) })
      .map((r) => viewRoute(r.view, r.filter)),
    fc
      .record({
        context: name,
        group: fc.string({ maxLength: 20 }),
        kind: name,
        namespace: name,
        name,
        tab: fc.constantFrom(...objectTabs),
        item: fc.constantFrom('', 'apps/Deployment/shop/podinfo', '/Namespace//a b'),
      })
      .filter((r) => r.group !== 'core' && r.namespace !== '_')
      .map((r) => objectRoute(r.context, r, r.tab, r.tab === 'drift' ? r.item : '')),
  )
  fc.assert(
    fc.property(route, (place) => {
      const path = formatRoute(place)
      if (path.length <= 2048) expect(parseRoute(path)).toEqual(place)
    }),
    { numRuns: scaleCount(4000), seed: seed() },
  )
})

test('a link names core group and no namespace in words', () => {
  const link = formatLink(objectRoute('kind', { group: '', kind: 'Node', namespace: '', name: 'n1' }, 'yaml'))
  expect(link).toBe('sluice://context/kind/core/Node/_/n1/yaml')
  expect(parseRoute(link)).toMatchObject({ group: '', namespace: '', tab: 'yaml' })
})

test('what is no place is null, never an exception', () => {
  for (const text of [
    '',
    'view',
    'view/nowhere',
    'context/a/b',
    'context/a/b/c/d/%E0%A4%A',
    'javascript:alert(1)',
    'view/overview/extra',
    'x'.repeat(5000),
  ])
    expect(parseRoute(text)).toBeNull()
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => void parseRoute(text)),
    { numRuns: scaleCount(4000), seed: seed() },
  )
})

test('an unknown tab opens the first one', () => {
  expect(parseRoute('context/a/g/K/ns/n/nonsense')).toMatchObject({ tab: 'tree' })
})

test('a short link opens the repositories, and one of them', () => {
  expect(parseRoute('sluice://repositories')).toEqual(viewRoute('repositories'))
  const place = formatPlace({ repository: '0123456789abcdef', entry: 'flux|a/b.yaml|ns/n', object: '/ConfigMap/x/y' })
  const route = parseRoute(`sluice://repositories/${place}`)
  expect(route).toEqual(viewRoute('repositories', place))
  expect(parsePlace(place)).toMatchObject({ entry: 'flux|a/b.yaml|ns/n', object: '/ConfigMap/x/y' })
  expect(parsePlace('../../etc')).toEqual({ repository: '', entry: '', object: '' })
  expect(parsePlace('%E0%A4%A')).toEqual({ repository: '', entry: '', object: '' })
})
