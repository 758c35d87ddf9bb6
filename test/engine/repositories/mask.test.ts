import { describe, expect, it } from 'vitest'
import { maskDocument, maskSource, rangeOf } from '../../../electron/engine/repositories/mask.ts'

function document(...lines: string[]): string {
  return `${lines.join('\n')}\n`
}

describe('values of a Secret', () => {
  it('are hidden line for line, keys stay', () => {
    const text = document(
      'apiVersion: v1',
      'data:',
      '  password: aHVudGVyMg==',
      '  tls.crt: |',
      '    line one',
      '',
      '    line two',
      'kind: Secret',
      'metadata:',
      '  name: login',
      'stringData:',
      '  "y": plain',
      'type: Opaque',
    )
    const masked = maskDocument(text)
    expect(masked.text).toBe(
      document(
        'apiVersion: v1',
        'data:',
        '  password: •••',
        '  tls.crt: •••',
        '    •••',
        '',
        '    •••',
        'kind: Secret',
        'metadata:',
        '  name: login',
        'stringData:',
        '  "y": •••',
        'type: Opaque',
      ),
    )
    expect(masked.hidden).toEqual([
      { field: 'data.password', start: 2, end: 3 },
      { field: 'data.tls.crt', start: 3, end: 7 },
      { field: 'stringData.y', start: 11, end: 12 },
    ])
  })

  it.each([
    ['a map on one line', 'kind: Secret\nstringData: {a: hunter2, b: hunter2}\n'],
    ['a map over several lines', 'kind: Secret\nstringData: {\n  a: hunter2,\n  b: hunter2 }\n'],
    ['a flow document', '{kind: Secret, stringData: {a: hunter2}}\n'],
    ['JSON', '{\n  "kind": "Secret",\n  "stringData": {\n    "a": "hunter2"\n  }\n}\n'],
    ['an indented document', '  kind: Secret\n  stringData:\n    a: hunter2\n'],
    ['a list', 'kind: List\nitems:\n- kind: Secret\n  stringData:\n    a: hunter2\n'],
    ['a quoted kind', 'kind: "Secret"\n"stringData":\n    a: >-\n      hunter2\n      hunter2\n'],
    ['an anchored kind', 'kind: &kind Secret\nstringData:\n  a: hunter2\n'],
    ['comments between', 'kind: Secret\nstringData:\n# why\n  # and how\n  a: hunter2\n'],
    ['a complex key', 'kind: Secret\nstringData:\n  ? a\n  : hunter2\n'],
    [
      'the copy that kubectl keeps',
      `kind: Secret\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {"data":{"a":"hunter2"}}\n`,
    ],
  ])('are hidden in %s', (_what, text) => {
    const masked = maskDocument(text)
    expect(masked.text).not.toContain('hunter2')
    expect(masked.text.split('\n')).toHaveLength(text.split('\n').length)
    expect(masked.hidden.length).toBeGreaterThan(0)
  })

  it('are not looked for where a Secret is only named', () => {
    const text = document('kind: HelmRelease', 'spec:', '  valuesFrom:', '  - kind: Secret', '    name: values')
    expect(maskDocument(text)).toEqual({ text, hidden: [] })
  })
})

describe('a sensitive path', () => {
  const text = document(
    'kind: ConfigMap',
    'spec:',
    '  users:',
    '  - name: a',
    '    keys:',
    '    - one',
    '    - two',
    '  - name: b',
    '    token: hunter2',
    '  note: |',
    '    token: not this',
  )
  it('is found through maps and sequences', () => {
    const lines = text.split('\n')
    expect(rangeOf(lines, ['spec', 'users', 1, 'token'])).toEqual({ start: 8, end: 9 })
    expect(rangeOf(lines, ['spec', 'users', 0, 'name'])).toEqual({ start: 3, end: 4 })
    expect(rangeOf(lines, ['spec', 'users', 0, 'keys', 1])).toEqual({ start: 6, end: 7 })
    expect(rangeOf(lines, ['spec', 'users', 0, 'keys'])).toEqual({ start: 4, end: 7 })
    expect(rangeOf(lines, ['spec', 'note'])).toEqual({ start: 9, end: 12 })
    expect(rangeOf(lines, ['spec', 'token'])).toBeNull()
  })

  it('is hidden; one that is not where it should be hides everything', () => {
    expect(maskDocument(text, [['spec', 'users', 1, 'token']]).text).toContain('    token: •••\n  note')
    expect(maskDocument(text, [['spec', 'users', 0, 'keys', 1]]).text).toContain('    - one\n    •••\n')
    expect(maskDocument(text, [['spec', 'elsewhere']]).text).toMatch(/^(•••\n)+$/)
  })
})

describe('a source', () => {
  it('hides the Secrets among its documents and the literals of secret generators', () => {
    const source = [
      '# a file',
      'kind: ConfigMap',
      'data:',
      '  shown: yes',
      '--- # next',
      'kind: Secret',
      'stringData:',
      '  a: hunter2',
      '---',
      'secretGenerator:',
      '- name: s',
      '  literals:',
      '  - password=hunter2',
      '  - "token=hunter2"',
      'configMapGenerator:',
      '- name: c',
      '  literals:',
      '  - shown=yes',
    ].join('\n')
    const masked = maskSource(source)
    expect(masked.text).not.toContain('hunter2')
    expect(masked.text).toContain('- shown=yes')
    expect(masked.text).toContain('  - password=•••')
    expect(masked.text.split('\n')).toHaveLength(18)
    expect(masked.hiddenCount).toBe(3)
  })
})
