import { expect, test } from 'vitest'
import { findLink, parseLink } from '../../electron/main/deep-links.ts'

test('a link is the part after the scheme', () => {
  expect(parseLink('sluice://view/kustomizations?filter=is%3Afailed')).toBe('view/kustomizations?filter=is%3Afailed')
})

test.each([
  'https://view',
  'sluice:view',
  'sluice://a b',
  'sluice://a"b',
  'sluice://a\nb',
  'sluice://<script>',
  'sluice://%zz',
  `sluice://${'a'.repeat(3000)}`,
  '',
])('SECURITY 14: %s is no link', (text) => {
  expect(parseLink(text)).toBeNull()
})

test('the first link among arguments is taken', () => {
  expect(findLink(['electron', '.', '--flag', 'sluice://view/overview', 'sluice://view/other'])).toBe('view/overview')
  expect(findLink(['electron', '.'])).toBeNull()
})
