/** Strategic merge patches: types of scalars. What is expected is what kustomize 5.8.1 prints or says. */
import { describe, expect, it } from 'vitest'
import type { MergeCase } from './patch-case.ts'
import { expectedOf, patched } from './patch-case.ts'

const cases: readonly MergeCase[] = [
  {
    name: 'a number put in a quoted field becomes a text',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: "1"
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: 5
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: "5"
`,
  },
  {
    name: 'a boolean put in a quoted field becomes a text',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: 'x'
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: true
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: "true"
`,
  },
  {
    name: 'a text put in a plain field stays a text',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: 1
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: "5"
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: "5"
`,
  },
  {
    name: 'a number put in a block text becomes a text',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: |
    x
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: 5
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: "5"
`,
  },
  {
    name: 'a date put in a quoted field stays what it was written as',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: "x"
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: 2001-01-01
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: "2001-01-01"
`,
  },
  {
    name: 'a date put in a plain field is a timestamp',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: x
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: 2001-01-01
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: "2001-01-01T00:00:00Z"
`,
  },
  {
    name: 'yes stays a text',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: b
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: yes
  b: on
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: "yes"
  b: "on"
`,
  },
  {
    name: 'a plain yes that a merge passed is quoted from then on',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: yes
  c: {a: y}
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  b: 1
`,
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: 5
  c: {a: 6}
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: "5"
  b: 1
  c:
    a: "6"
`,
  },
  {
    name: 'octal, hex and exponents keep their value',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec: {}
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: 0777
  b: 0x1F
  c: 1e3
  d: 0o17
  e: 1_000
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: 511
  b: 31
  c: 1000
  d: 15
  e: 1000
`,
  },
  {
    name: 'a block text replaces a plain one',
    target: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: b
`,
    patches: [
      `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: |
    line 1
    line 2
`,
    ],
    expected: `
apiVersion: v1
data:
  a: |
    line 1
    line 2
kind: ConfigMap
metadata:
  name: c
`,
  },
  {
    name: 'a multi-line text in a quoted field',
    target: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: "b"
`,
    patches: [
      `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: |-
    line 1
    line 2
`,
    ],
    expected: `
apiVersion: v1
data:
  a: |-
    line 1
    line 2
kind: ConfigMap
metadata:
  name: c
`,
  },
  {
    name: 'a new plain key that is a number cannot be printed',
    target: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: b
`,
    patches: [
      `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  9110: b
`,
    ],
    error:
      'map[string]interface {}{"apiVersion":"v1", "data":map[interface {}]interface {}{"a":"b", 9110:"b"}, "kind":"ConfigMap", "metadata":map[string]interface {}{"name":"c"}}: json: unsupported type: map[interface {}]interface {}',
  },
  {
    name: 'a new quoted key that looks like a number',
    target: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: b
`,
    patches: [
      `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  "9110": b
`,
    ],
    expected: `
apiVersion: v1
data:
  "9110": b
  a: b
kind: ConfigMap
metadata:
  name: c
`,
  },
  {
    name: 'numeric names stay as they were written',
    target: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: "123"
data: {}
`,
    patches: [
      `
apiVersion: v1
kind: ConfigMap
metadata:
  name: "123"
data:
  a: b
`,
    ],
    expected: `
apiVersion: v1
data:
  a: b
kind: ConfigMap
metadata:
  name: "123"
`,
  },
]

describe('merging types of scalars', () => {
  it.each(cases)('$name', (example) => {
    expect(patched(example)).toBe(expectedOf(example))
  })
})
