/** Strategic merge patches: maps. What is expected is what kustomize 5.8.1 prints or says. */
import { describe, expect, it } from 'vitest'
import type { MergeCase } from './patch-case.ts'
import { expectedOf, patched } from './patch-case.ts'

const cases: readonly MergeCase[] = [
  {
    name: 'a new field is added',
    target: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: "1"
`,
    patches: [
      `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  b: "2"
`,
    ],
    expected: `
apiVersion: v1
data:
  a: "1"
  b: "2"
kind: ConfigMap
metadata:
  name: c
`,
  },
  {
    name: 'a present field is replaced',
    target: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: "1"
`,
    patches: [
      `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: "2"
`,
    ],
    expected: `
apiVersion: v1
data:
  a: "2"
kind: ConfigMap
metadata:
  name: c
`,
  },
  {
    name: 'null removes a field',
    target: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: "1"
  b: "2"
`,
    patches: [
      `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: null
`,
    ],
    expected: `
apiVersion: v1
data:
  b: "2"
kind: ConfigMap
metadata:
  name: c
`,
  },
  {
    name: 'a blank value removes too',
    target: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: "1"
  b: "2"
`,
    patches: [
      `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a:
`,
    ],
    expected: `
apiVersion: v1
data:
  b: "2"
kind: ConfigMap
metadata:
  name: c
`,
  },
  {
    name: '~ removes too',
    target: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: "1"
  b: "2"
`,
    patches: [
      `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: ~
`,
    ],
    expected: `
apiVersion: v1
data:
  b: "2"
kind: ConfigMap
metadata:
  name: c
`,
  },
  {
    name: 'null removes a whole map',
    target: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: "1"
`,
    patches: [
      `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data: null
`,
    ],
    expected: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
`,
  },
  {
    name: 'null for what is not there does nothing',
    target: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: "1"
`,
    patches: [
      `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  z: null
binaryData: null
`,
    ],
    expected: `
apiVersion: v1
data:
  a: "1"
kind: ConfigMap
metadata:
  name: c
`,
  },
  {
    name: 'nulls inside a new map are left out',
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
  new:
    a: null
    b:
    c: 1
    d:
      e: null
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  new:
    c: 1
    d: {}
`,
  },
  {
    name: 'a map is left empty when its last field goes',
    target: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: "1"
`,
    patches: [
      `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: null
`,
    ],
    expected: `
apiVersion: v1
data: {}
kind: ConfigMap
metadata:
  name: c
`,
  },
  {
    name: 'an empty map does not replace a full one',
    target: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: "1"
`,
    patches: [
      `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data: {}
`,
    ],
    expected: `
apiVersion: v1
data:
  a: "1"
kind: ConfigMap
metadata:
  name: c
`,
  },
  {
    name: 'an empty map is added',
    target: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: "1"
`,
    patches: [
      `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
binaryData: {}
`,
    ],
    expected: `
apiVersion: v1
binaryData: {}
data:
  a: "1"
kind: ConfigMap
metadata:
  name: c
`,
  },
  {
    name: 'a map takes the place of null',
    target: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data: null
`,
    patches: [
      `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
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
  name: c
`,
  },
  {
    name: 'a null that was written out stays where no patch comes',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  keep: null
  tilde: ~
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  x: 1
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  keep: null
  tilde: null
  x: 1
`,
  },
  {
    name: 'a blank field goes wherever a merge passes',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  blank:
  deep:
    blank:
    other: 1
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  x: 1
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  deep:
    other: 1
  x: 1
`,
  },
  {
    name: 'blank fields within lists of unknown kinds stay',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  list:
  - blank:
    x: 1
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  y: 1
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  list:
  - blank: null
    x: 1
  "y": 1
`,
  },
  {
    name: 'deep maps merge field by field',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a:
    b:
      c: 1
      d: 2
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a:
    b:
      d: 3
    e: 4
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a:
    b:
      c: 1
      d: 3
    e: 4
`,
  },
  {
    name: 'a scalar cannot become a map',
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
  a:
    b: 1
`,
    ],
    error: `
wrong node kind: expected ScalarNode but got MappingNode: node contents:
b: 1
`,
  },
  {
    name: 'a map cannot become a scalar',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a:
    b: 1
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: 1
`,
    ],
    error: `
wrong node kind: expected MappingNode but got ScalarNode: node contents:
1
`,
  },
  {
    name: 'a list cannot become a map',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: [1]
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a:
    b: 1
`,
    ],
    error: `
wrong node kind: expected SequenceNode but got MappingNode: node contents:
b: 1
`,
  },
  {
    name: 'a map cannot become a list',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a:
    b: {c: "x y"}
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: [1]
`,
    ],
    error: `
wrong node kind: expected MappingNode but got SequenceNode: node contents:
[1]
`,
  },
  {
    name: '$patch: delete removes a map',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a:
    b: 1
  c: 2
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a:
    $patch: delete
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  c: 2
`,
  },
  {
    name: '$patch: replace replaces a map',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a:
    b: 1
    c: 2
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a:
    $patch: replace
    d: 3
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a:
    d: 3
`,
  },
  {
    name: '$patch: merge is the default said aloud',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a:
    b: 1
    c: 2
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a:
    $patch: merge
    c: 3
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a:
    b: 1
    c: 3
`,
  },
  {
    name: '$patch: replace with nothing else empties',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a:
    b: 1
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a:
    $patch: replace
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: {}
`,
  },
  {
    name: 'directives are taken out where the target has nothing',
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
  a:
    $patch: replace
    b: 1
  c:
    $patch: merge
    d: 1
  e:
    $patch: delete
    f: 1
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a:
    b: 1
  c:
    d: 1
`,
  },
  {
    name: 'directives deep in a new map work',
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
  a:
    b:
      $patch: delete
      c: 1
    d:
      $patch: replace
      e: 1
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a:
    d:
      e: 1
`,
  },
  {
    name: 'an unknown directive is refused',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a:
    b: 1
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a:
    $patch: remove
`,
    ],
    error: "unknown patch strategy 'remove'",
  },
  {
    name: 'an unknown directive is a field where the target has nothing',
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
  a:
    $patch: remove
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a:
    $patch: remove
`,
  },
  {
    name: '$patch: replace at the root changes nothing',
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
  b: 1
$patch: replace
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: 1
`,
  },
  {
    name: '$patch: merge at the root is taken out',
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
  b: 1
$patch: merge
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  a: 1
  b: 1
`,
  },
  {
    name: '$setElementOrder and $retainKeys are fields like others',
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
  $setElementOrder/x: [a]
  $retainKeys: [b]
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  $retainKeys:
  - b
  $setElementOrder/x:
  - a
  a: 1
`,
  },
  {
    name: 'a field that stands twice: the first one is merged',
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
  a: 2
  __proto__: x
  constructor: y
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  __proto__: x
  a: 2
  constructor: "y"
`,
  },
]

describe('merging maps', () => {
  it.each(cases)('$name', (example) => {
    expect(patched(example)).toBe(expectedOf(example))
  })
})
