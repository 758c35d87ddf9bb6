import { describe, expect, it } from 'vitest'
import { evaluateColumn, readGenericKind } from '../../../electron/engine/cache/printer-columns.ts'

const subject = {
  metadata: { name: 'a', labels: { 'app.kubernetes.io/name': 'shop' } },
  spec: { list: [1, 2, 3], replicas: 0, on: false, nested: { deep: 'x' } },
  status: {
    conditions: [
      { type: 'Other', status: 'True' },
      { type: 'Ready', status: 'False', message: 'no' },
    ],
  },
}

describe('evaluateColumn', () => {
  it.each([
    ['.metadata.name', 'a'],
    ['.metadata.labels.app\\.kubernetes\\.io/name', 'shop'],
    [".metadata.labels['app.kubernetes.io/name']", 'shop'],
    ['{.spec.nested.deep}', 'x'],
    ['.spec.list[0]', '1'],
    ['.spec.list[-1]', '3'],
    ['.spec.list[*]', '1,2,3'],
    ['.spec.replicas', '0'],
    ['.spec.on', 'false'],
    ['.spec.nested', '{"deep":"x"}'],
    ['.status.conditions[?(@.type=="Ready")].message', 'no'],
    ['.status.conditions[?(@.type=="Absent")].message', ''],
    ['.status.absent.deeper', ''],
    ['.constructor.name', ''],
    ['.__proto__', ''],
    ['..name', ''],
    ['.spec.list[?(@.length-1)]', ''],
    ['.spec.list[0:2]', ''],
    ['', ''],
  ])('%s', (path, expected) => {
    expect(evaluateColumn(subject, path)).toBe(expected)
  })
})

describe('readGenericKind', () => {
  const definition = (properties: object, more: object = {}): object => ({
    spec: {
      names: { kind: 'Terraform' },
      versions: [
        {
          name: 'v1',
          schema: { openAPIV3Schema: { properties } },
          additionalPrinterColumns: [
            { name: 'Source', type: 'string', jsonPath: '.spec.sourceRef.name' },
            { name: 'Wide', type: 'string', jsonPath: '.spec.x', priority: 1 },
            { name: 5, jsonPath: '.spec' },
            null,
          ],
        },
      ],
      ...more,
    },
  })

  it('takes what draws from a source or reconciles as Flux does, with its columns', () => {
    const source = definition({ spec: { properties: { sourceRef: { type: 'object' } } } })
    expect(readGenericKind(source, 'v1')?.columns.map((column) => column.name)).toEqual(['Source'])
    expect(readGenericKind(definition({ status: { properties: { lastHandledReconcileAt: {} } } }), 'v1')).not.toBeNull()
  })

  it('leaves everything else alone', () => {
    expect(readGenericKind(definition({ spec: { properties: { replicas: {} } } }), 'v1')).toBeNull()
    expect(readGenericKind(definition({ spec: { properties: { sourceRef: {} } } }), 'v2')).toBeNull()
    for (const nonsense of [null, 5, {}, { spec: null }, { spec: { versions: 'x' } }])
      expect(readGenericKind(nonsense, 'v1')).toBeNull()
  })
})
