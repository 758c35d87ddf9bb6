import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { absentValidity, isStillValid, nextEntry, validityOf } from '../../../electron/engine/drift/validity.ts'
import type { LiveEntry } from '../../../electron/engine/drift/validity.ts'
import { memoryCodec } from '../memory-codec.ts'

interface Parts {
  readonly version?: string
  readonly generation?: number
  readonly labels?: Record<string, string>
  readonly annotations?: Record<string, string>
  readonly deletionTimestamp?: string
  readonly uid?: string
  readonly editAt?: string
  readonly statusAt?: string
}

function object(parts: Parts): KubeObject {
  const {
    version = '10',
    generation,
    labels,
    annotations,
    deletionTimestamp,
    uid = 'u',
    editAt = '1',
    statusAt,
  } = parts
  return {
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: {
      name: 'a',
      namespace: 'n',
      uid,
      resourceVersion: version,
      ...(generation === undefined ? {} : { generation }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      managedFields: [
        { manager: 'kustomize-controller', operation: 'Apply', time: editAt, fieldsV1: { 'f:spec': {} } },
        ...(statusAt === undefined
          ? []
          : [
              {
                manager: 'kcm',
                operation: 'Update',
                subresource: 'status',
                time: statusAt,
                fieldsV1: { 'f:status': {} },
              },
            ]),
      ],
    },
    spec: { anything: 1 },
  }
}

const of = (parts: Parts): ReturnType<typeof validityOf> => validityOf(object(parts), memoryCodec)
const entryOf = (parts: Parts): LiveEntry => nextEntry(null, of(parts), false)

describe('kinds with a generation', () => {
  const seen = of({ generation: 1, version: '10', statusAt: '1' })

  it('stay valid under status writes, whatever the version', () => {
    expect(isStillValid(seen, entryOf({ generation: 1, version: '11', statusAt: '2' }))).toBe(true)
    expect(isStillValid(seen, nextEntry(null, of({ generation: 1, version: '99', statusAt: '3' }), true))).toBe(true)
  })

  it.each([
    ['generation', { generation: 2 }],
    ['labels', { generation: 1, labels: { a: 'b' } }],
    ['annotations', { generation: 1, annotations: { a: 'b' } }],
    ['deletionTimestamp', { generation: 1, deletionTimestamp: '2026-01-01T00:00:00Z' }],
    ['uid', { generation: 1, uid: 'other' }],
    ['a managed field', { generation: 1, editAt: '2' }],
  ])('become doubtful by %s', (_what, parts) => {
    expect(isStillValid(seen, entryOf({ version: '11', statusAt: '1', ...parts }))).toBe(false)
  })

  it('are not contradicted by a watch that is behind', () => {
    expect(isStillValid(of({ generation: 2, version: '12' }), entryOf({ generation: 1, version: '11' }))).toBe(true)
  })
})

describe('kinds without a generation', () => {
  it('become doubtful by any other version', () => {
    expect(isStillValid(of({ version: '10' }), entryOf({ version: '11' }))).toBe(false)
    expect(isStillValid(of({ version: '10' }), entryOf({ version: '10' }))).toBe(true)
  })

  it('stay valid under a status write that the watch saw', () => {
    const first = entryOf({ version: '10', statusAt: '1' })
    const noise = nextEntry(first, of({ version: '11', statusAt: '2' }), false)
    expect(isStillValid(of({ version: '10', statusAt: '1' }), noise)).toBe(true)
    const edit = nextEntry(noise, of({ version: '12', statusAt: '2' }), false)
    expect(isStillValid(of({ version: '10', statusAt: '1' }), edit)).toBe(false)
    expect(
      isStillValid(of({ version: '12', statusAt: '2' }), nextEntry(edit, of({ version: '13', statusAt: '3' }), false)),
    ).toBe(true)
  })

  it('become doubtful when events were missed', () => {
    const first = entryOf({ version: '10', statusAt: '1' })
    const relisted = nextEntry(first, of({ version: '15', statusAt: '2' }), true)
    expect(isStillValid(of({ version: '10', statusAt: '1' }), relisted)).toBe(false)
  })
})

it('tells absent from there', () => {
  expect(isStillValid(absentValidity, null)).toBe(true)
  expect(isStillValid(absentValidity, entryOf({}))).toBe(false)
  expect(isStillValid(of({}), null)).toBe(false)
})

it('is the same for a whole object and for its metadata alone', () => {
  const whole = object({ labels: { b: '1', a: '2' } })
  const { apiVersion, kind, metadata } = whole
  const turned = { ...metadata, labels: { a: '2', b: '1' } }
  expect(validityOf({ apiVersion, kind, metadata: turned }, memoryCodec)).toEqual(validityOf(whole, memoryCodec))
})
