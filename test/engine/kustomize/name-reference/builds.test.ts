/**
 * Whole builds in which fields of many transformers meet: cases that once differed from kustomize 5.8.1, or that only a build of several
 * kustomizations shows. What is expected is what 5.8.1 prints.
 */
import { describe, expect, it } from 'vitest'
import { BuildPanic } from '../../../../electron/engine/kustomize/build-error.ts'
import { createDocumentCache } from '../../../../electron/engine/kustomize/document-cache.ts'
import { printResources, runBuild } from '../../../../electron/engine/kustomize/run-build.ts'
import { createMemoryFiles } from '../../../conformance/memory-files.ts'

interface Case {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  readonly expected: string
}

function build(files: Readonly<Record<string, string>>): string {
  const tree = Object.fromEntries(Object.entries(files).map(([path, text]) => [`/tree/${path}`, text]))
  const resources = runBuild('/tree', {
    files: createMemoryFiles({ files: tree }),
    options: { loadRestrictions: 'none', reorder: 'none', hasManagedByLabel: false },
    documents: createDocumentCache(),
    checkpoint: () => {},
    warn: () => {},
  })
  return printResources(resources)
}

const cases: readonly Case[] = [
  {
    name: 'labels set together change together under a strategic merge',
    files: {
      'base/d.yaml': `{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {template: {spec: {}}}}
`,
      'base/kustomization.yaml': `resources: [d.yaml]
labels: [{pairs: {app: one}, includeSelectors: true}]
`,
      'kustomization.yaml': `resources: [base]
patches:
- patch: "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, labels: {app: two}}}"
`,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: two
  name: d
spec:
  selector:
    matchLabels:
      app: two
  template:
    metadata:
      labels:
        app: two
    spec: {}
`,
  },
  {
    name: 'labels set together part under a JSON patch',
    files: {
      'base/d.yaml': `{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {template: {spec: {}}}}
`,
      'base/kustomization.yaml': `resources: [d.yaml]
labels: [{pairs: {app: one}, includeSelectors: true}]
`,
      'kustomization.yaml': `resources: [base]
patches:
- target: {kind: Deployment}
  patch: |-
    - {op: replace, path: /metadata/labels/app, value: two}
`,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: two
  name: d
spec:
  selector:
    matchLabels:
      app: one
  template:
    metadata:
      labels:
        app: one
    spec: {}
`,
  },
  {
    name: 'an object whose annotations are replaced forgets its names',
    files: {
      'base/r.yaml': `{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {k: v}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {volumes: [{configMap: {name: c}}]}}
`,
      'base/kustomization.yaml': `resources: [r.yaml]
namePrefix: a-
`,
      'kustomization.yaml': `resources: [base]
patches:
- target: {kind: ConfigMap}
  patch: |-
    - {op: replace, path: /metadata/annotations, value: {own: x}}
`,
    },
    expected: `apiVersion: v1
data:
  k: v
kind: ConfigMap
metadata:
  annotations:
    own: x
  name: a-c
---
apiVersion: v1
kind: Pod
metadata:
  name: a-p
spec:
  volumes:
  - configMap:
      name: a-c
`,
  },
  {
    name: 'a generated object whose annotations are removed has no hash',
    files: {
      'kustomization.yaml': `configMapGenerator: [{name: c, literals: [a=b]}]
patches:
- target: {kind: ConfigMap}
  patch: "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, annotations: null}}"
`,
    },
    expected: `apiVersion: v1
data:
  a: b
kind: ConfigMap
metadata:
  name: c-4h2mbtbbt6
`,
  },
  {
    name: 'an annotation may be added where the build remembers something',
    files: {
      'base/r.yaml': `{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {k: v}}
`,
      'base/kustomization.yaml': `resources: [r.yaml]
namePrefix: a-
`,
      'kustomization.yaml': `resources: [base]
patches:
- target: {kind: ConfigMap}
  patch: |-
    - {op: add, path: /metadata/annotations/x, value: y}
`,
    },
    expected: `apiVersion: v1
data:
  k: v
kind: ConfigMap
metadata:
  annotations:
    x: "true"
  name: a-c
`,
  },
  {
    name: 'two overlays of one base keep their references apart',
    files: {
      'base/r.yaml': `{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {volumes: [{configMap: {name: c}}]}}
`,
      'base/kustomization.yaml': `resources: [r.yaml]
configMapGenerator: [{name: c, literals: [a=b]}]
`,
      'one/kustomization.yaml': `resources: [../base]
namePrefix: one-
`,
      'two/kustomization.yaml': `resources: [../base]
namePrefix: two-
configMapGenerator: [{name: c, behavior: merge, literals: [a=c]}]
`,
      'kustomization.yaml': `resources: [one, two]
nameSuffix: -x
`,
    },
    expected: `apiVersion: v1
kind: Pod
metadata:
  name: one-p-x
spec:
  volumes:
  - configMap:
      name: one-c-x-4h2mbtbbt6
---
apiVersion: v1
data:
  a: b
kind: ConfigMap
metadata:
  name: one-c-x-4h2mbtbbt6
---
apiVersion: v1
kind: Pod
metadata:
  name: two-p-x
spec:
  volumes:
  - configMap:
      name: two-c-x-8f2d5hh62d
---
apiVersion: v1
data:
  a: c
kind: ConfigMap
metadata:
  name: two-c-x-8f2d5hh62d
`,
  },
  {
    name: 'two overlays in two namespaces keep their references apart',
    files: {
      'base/r.yaml': `{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {k: v}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {volumes: [{configMap: {name: c}}]}}
`,
      'base/kustomization.yaml': `resources: [r.yaml]
nameSuffix: -s
`,
      'one/kustomization.yaml': `resources: [../base]
namespace: one
`,
      'two/kustomization.yaml': `resources: [../base]
namespace: two
namePrefix: t-
`,
      'kustomization.yaml': `resources: [one, two]
`,
    },
    expected: `apiVersion: v1
data:
  k: v
kind: ConfigMap
metadata:
  name: c-s
  namespace: one
---
apiVersion: v1
kind: Pod
metadata:
  name: p-s
  namespace: one
spec:
  volumes:
  - configMap:
      name: c-s
---
apiVersion: v1
data:
  k: v
kind: ConfigMap
metadata:
  name: t-c-s
  namespace: two
---
apiVersion: v1
kind: Pod
metadata:
  name: t-p-s
  namespace: two
spec:
  volumes:
  - configMap:
      name: t-c-s
`,
  },
  {
    name: 'a binding follows accounts of two namespaces',
    files: {
      'one/r.yaml': `{apiVersion: v1, kind: ServiceAccount, metadata: {name: sa}}
`,
      'one/kustomization.yaml': `resources: [r.yaml]
namespace: one
namePrefix: o-
`,
      'two/r.yaml': `{apiVersion: v1, kind: ServiceAccount, metadata: {name: sa}}
`,
      'two/kustomization.yaml': `resources: [r.yaml]
namespace: two
namePrefix: t-
`,
      'b.yaml': `{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: b}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}, subjects: [{kind: ServiceAccount, name: sa, namespace: one}, {kind: ServiceAccount, name: sa, namespace: two}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r}}
`,
      'kustomization.yaml': `resources: [one, two, b.yaml]
namePrefix: z-
`,
    },
    expected: `apiVersion: v1
kind: ServiceAccount
metadata:
  name: z-o-sa
  namespace: one
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: z-t-sa
  namespace: two
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: z-b
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: z-r
subjects:
- kind: ServiceAccount
  name: z-o-sa
  namespace: one
- kind: ServiceAccount
  name: z-t-sa
  namespace: two
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: z-r
`,
  },
  {
    name: 'vars read what overlays made of an object, in any overlay above',
    files: {
      'base/r.yaml': `{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {k: v}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{args: [$(NAME), "$$(NAME)", x-$(NS)]}]}}
`,
      'base/kustomization.yaml': `resources: [r.yaml]
namePrefix: b-
vars:
- {name: NAME, objref: {apiVersion: v1, kind: ConfigMap, name: c}}
- {name: NS, objref: {apiVersion: v1, kind: ConfigMap, name: c}, fieldref: {fieldpath: metadata.namespace}}
`,
      'kustomization.yaml': `resources: [base]
namespace: team
nameSuffix: -z
`,
    },
    expected: `apiVersion: v1
data:
  k: v
kind: ConfigMap
metadata:
  name: b-c-z
  namespace: team
---
apiVersion: v1
kind: Pod
metadata:
  name: b-p-z
  namespace: team
spec:
  containers:
  - args:
    - b-c-z
    - $(NAME)
    - x-team
`,
  },
  {
    name: 'labels set on a null selector come with those that make it a map',
    files: {
      'base/s.yaml': `{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {selector: null}}
`,
      'base/kustomization.yaml': `resources: [s.yaml]
labels: [{pairs: {a: b}, fields: [{path: spec/selector, kind: Service, create: false}]}]
`,
      'kustomization.yaml': `resources: [base]
labels: [{pairs: {c: d}, includeSelectors: true}]
`,
    },
    expected: `apiVersion: v1
kind: Service
metadata:
  labels:
    a: b
    c: d
  name: s
spec:
  selector:
    a: b
    c: d
`,
  },
  {
    name: 'a custom kind refers by configuration, and is referred to',
    files: {
      'r.yaml': `{apiVersion: x.io/v1, kind: Hive, metadata: {name: h}, spec: {bees: [{name: b}, {name: none}], secret: s}}
---
{apiVersion: x.io/v1, kind: Bee, metadata: {name: b}}
---
{apiVersion: v1, kind: Secret, metadata: {name: s}}
`,
      'conf.yaml': `nameReference:
- {kind: Bee, fieldSpecs: [{path: spec/bees/name, kind: Hive}]}
- {kind: Secret, version: v1, fieldSpecs: [{path: spec/secret, kind: Hive}]}
namePrefix: [{path: spec/x, kind: Hive, create: true}]
`,
      'kustomization.yaml': `resources: [r.yaml]
configurations: [conf.yaml]
namePrefix: p-
`,
    },
    expected: `apiVersion: x.io/v1
kind: Hive
metadata:
  name: p-h
spec:
  bees:
  - name: p-b
  - name: none
  secret: p-s
  x: p-
---
apiVersion: x.io/v1
kind: Bee
metadata:
  name: p-b
---
apiVersion: v1
kind: Secret
metadata:
  name: p-s
`,
  },
]

describe('builds', () => {
  it.each(cases)('$name', ({ files, expected }) => {
    expect(build(files)).toBe(expected)
  })
})

describe('subjects of role bindings', () => {
  const bound = (subjects: string, more = ''): string =>
    build({
      'rb.yaml': `apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: r}\nsubjects:\n${subjects}\n`,
      'sa.yaml': '{apiVersion: v1, kind: ServiceAccount, metadata: {name: s, namespace: team}}\n',
      'base/kustomization.yaml': `resources: [../rb.yaml, ../sa.yaml]\n${more}`,
      'kustomization.yaml': 'resources: [base]\nnamePrefix: p-\n',
    })
  const replacement = (value: string): string => `replacements:
- sourceValue: ${value}
  targets: [{select: {kind: RoleBinding}, fieldPaths: [subjects.*.namespace], options: {create: true}}]
`

  it('may have got their namespace from a replacement, without a type', () => {
    const built = bound('- kind: ServiceAccount\n  name: s', replacement('team'))
    expect(built).toContain('subjects:\n- kind: ServiceAccount\n  name: p-s\n  namespace: team\n')
  })

  it.each(['"5"', '2020-01-02', '""'])('are refused where the namespace is no text: %s', (value) => {
    expect(() => bound('- kind: ServiceAccount\n  name: s', replacement(value))).toThrow(
      /namespace is blank for resource "RoleBinding/,
    )
  })

  it.each([
    ['- text', 'string, not map[string]interface {}'],
    ['- ~', 'nil, not map[string]interface {}'],
    ['- [a]', '[]interface {}, not map[string]interface {}'],
    ['- {1: a}', 'map[interface {}]interface {}, not map[string]interface {}'],
    ['- {kind: 5, namespace: n}', 'int, not string'],
    ['- {kind: 18446744073709551615, namespace: n}', 'uint64, not string'],
    ['- {kind: 1.5, namespace: n}', 'float64, not string'],
    ['- {kind: true, namespace: n}', 'bool, not string'],
    ['- {kind: , namespace: n}', 'nil, not string'],
    ['- {kind: 2020-01-02, namespace: n}', 'time.Time, not string'],
  ])('end the build as a panic does: %s', (subjects, conversion) => {
    expect(() => bound(subjects)).toThrow(new BuildPanic(`interface conversion: interface {} is ${conversion}`))
  })
})

describe('names that a replacement empties', () => {
  const files = (prefix: string): Record<string, string> => ({
    'c.yaml': '{kind: ConfigMap, apiVersion: v1, metadata: {name: c}}\n',
    'base/kustomization.yaml': `resources: [../c.yaml]
${prefix}replacements:
- sourceValue: ""
  targets: [{select: {kind: ConfigMap}}]
`,
    'kustomization.yaml': 'resources: [base]\nnameSuffix: -s\n',
  })

  it('end the build once another was remembered before', () => {
    expect(() => build(files('nameSuffix: -v2\n'))).toThrow(
      new BuildPanic('number of previous names, number of previous namespaces, number of previous kinds not equal'),
    )
  })

  it('are forgotten where they are the first', () => {
    expect(build(files(''))).toContain('  name: -s\n')
  })

  it('are an error of their own to a replacement', () => {
    const tree = files('nameSuffix: -v2\n')
    const next = 'replacements:\n- source: {kind: ConfigMap}\n  targets: [{select: {kind: ConfigMap}}]\n'
    const built = (): string =>
      build({
        ...tree,
        'mid/kustomization.yaml': 'resources: [../base]\nnameSuffix: -m\n',
        'kustomization.yaml': `resources: [mid]\n${next}`,
      })
    expect(built).toThrow(/error getting node IDs: number of previous names/)
  })
})
