import { describe, expect, it } from 'vitest'
import type { FieldNode } from '../../../electron/engine/diff/managed-fields.ts'
import {
  fieldManagersOf,
  ownsField,
  pointerOfSegments,
  subtractFields,
  uniteFields,
} from '../../../electron/engine/diff/managed-fields.ts'

const set = (text: string): FieldNode => JSON.parse(text) as FieldNode

describe('sets of fields', () => {
  const a = set('{"f:spec":{"f:replicas":{},"f:containers":{"k:{\\"name\\":\\"web\\"}":{".":{},"f:image":{}}}}}')
  const b = set('{"f:spec":{"f:replicas":{},"f:paused":{}},"f:data":{}}')

  it('unites', () => {
    expect(uniteFields(a, b)).toEqual({ 'f:spec': { ...a['f:spec'], 'f:paused': {} }, 'f:data': {} })
  })

  it('keeps a member whole when the other set goes deeper', () => {
    expect(uniteFields(set('{"f:labels":{}}'), set('{"f:labels":{"f:a":{}}}'))).toEqual({
      'f:labels': { '.': {}, 'f:a': {} },
    })
  })

  it('subtracts members', () => {
    expect(subtractFields(b, a)).toEqual({ 'f:spec': { 'f:paused': {} }, 'f:data': {} })
    expect(subtractFields(a, a)).toBeNull()
    expect(subtractFields(set('{"f:x":{".":{},"f:a":{}}}'), set('{"f:x":{"f:a":{}}}'))).toEqual({ 'f:x': {} })
  })

  it('owns what it holds, what is above, and what is inside something atomic', () => {
    const image = ['f:spec', 'f:containers', 'k:{"name":"web"}', 'f:image']
    expect(ownsField(a, image)).toBe(true)
    expect(ownsField(a, image.slice(0, 2))).toBe(true)
    expect(ownsField(b, image)).toBe(false)
    expect(ownsField(b, ['f:data', 'f:key'])).toBe(true)
    expect(ownsField(a, ['f:constructor'])).toBe(false)
  })

  it('leads into an object', () => {
    const object = {
      spec: { ports: [{ port: 1 }, { port: 80 }], names: ['x', 'y'], 'a/b': { c: 1 } },
    }
    expect(pointerOfSegments(object, ['f:spec', 'f:ports', 'k:{"port":80,"protocol":"TCP"}', 'f:port'])).toBe(
      '/spec/ports/1/port',
    )
    expect(pointerOfSegments(object, ['f:spec', 'f:names', 'v:"y"'])).toBe('/spec/names/1')
    expect(pointerOfSegments(object, ['f:spec', 'f:names', 'i:0'])).toBe('/spec/names/0')
    expect(pointerOfSegments(object, ['f:spec', 'f:a/b', 'f:c'])).toBe('/spec/a~1b/c')
    for (const bad of ['f:nothing', 'k:{broken', 'v:', 'i:x', 'f:toString'])
      expect(pointerOfSegments(object, ['f:spec', bad])).toBeNull()
  })

  it('reads entries, whatever is in them', () => {
    const entries = [{ manager: 'a', operation: 'Apply', fieldsV1: {} }, null, 7, { manager: 'b' }, { fieldsV1: [] }]
    expect(fieldManagersOf({ metadata: { managedFields: entries } })).toEqual([
      { manager: 'a', operation: 'Apply', subresource: '', at: null, fields: {} },
    ])
    expect(fieldManagersOf(null)).toEqual([])
  })
})
