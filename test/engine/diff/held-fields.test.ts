import { expect, it } from 'vitest'
import { heldFields } from '../../../electron/engine/diff/held-fields.ts'

const deployment = {
  metadata: { labels: { app: 'web' }, finalizers: ['a/b'] },
  spec: { replicas: 2, template: { spec: { containers: [{ name: 'web', image: 'web:1', args: ['x'] }] } } },
}

const paths = (fields: object, limit = 10): readonly string[] =>
  heldFields(deployment, fields as never, limit).map(({ path }) => path)

it('names the leaves of a set as people know them, with where they are', () => {
  const container = { '.': {}, 'f:image': {}, 'f:args': {} }
  const fields = {
    'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} }, 'f:finalizers': { 'v:"a/b"': {} } },
    'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': container } } } },
  }
  expect(paths(fields)).toEqual([
    'metadata.labels.app',
    'metadata.finalizers[a/b]',
    'spec.template.spec.containers[web].image',
    'spec.template.spec.containers[web].args',
  ])
  expect(heldFields(deployment, fields, 10)[2]?.pointer).toBe('/spec/template/spec/containers/0/image')
  expect(paths(fields, 2)).toEqual(['metadata.labels.app', 'metadata.finalizers[a/b]'])
})

it('leaves out what is not there, and what a sealed object does not show', () => {
  expect(paths({ 'f:spec': { 'f:paused': {}, 'f:replicas': {} }, 'f:data': { 'f:a': {} } })).toEqual(['spec.replicas'])
  expect(paths({ 'f:metadata': { 'f:finalizers': { 'v:"hidden"': {} } } })).toEqual([])
})
