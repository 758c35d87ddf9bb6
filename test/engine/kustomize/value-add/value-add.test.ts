/** Values added by a transformer file. What is expected is what kustomize 5.8.1 prints or says. */
import { describe, expect, it } from 'vitest'
import type { TreeCase } from '../merge/patch-case.ts'
import { expectedOf, outcome } from '../merge/patch-case.ts'

const cases: readonly TreeCase[] = [
  {
    name: 'a new field',
    files: {
      '/res.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.0
        args: [--a, --b]
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
      - name: side
        image: side:2.0
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: back
  labels:
    app: api
  annotations:
    a.b/c: x
spec:
  replicas: 2
  template:
    spec:
      containers:
      - name: main
        image: api:1.0
        env:
        - name: HOST
          value: unset
`,
      '/add.yaml': `
apiVersion: builtin
kind: ValueAddTransformer
metadata:
  name: add
value: v
targets:
- fieldPath: spec/project
`,
      '/kustomization.yaml': `
resources: [res.yaml]
transformers: [add.yaml]
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: web
spec:
  project: v
  replicas: 1
  template:
    spec:
      containers:
      - args:
        - --a
        - --b
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
        image: nginx:1.0
        name: main
      - image: side:2.0
        name: side
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    a.b/c: x
  labels:
    app: api
  name: api
  namespace: back
spec:
  project: v
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: unset
        image: api:1.0
        name: main
`,
  },
  {
    name: 'a present field is replaced',
    files: {
      '/res.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.0
        args: [--a, --b]
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
      - name: side
        image: side:2.0
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: back
  labels:
    app: api
  annotations:
    a.b/c: x
spec:
  replicas: 2
  template:
    spec:
      containers:
      - name: main
        image: api:1.0
        env:
        - name: HOST
          value: unset
`,
      '/add.yaml': `
apiVersion: builtin
kind: ValueAddTransformer
metadata:
  name: add
value: v
targets:
- fieldPath: metadata/labels/app
`,
      '/kustomization.yaml': `
resources: [res.yaml]
transformers: [add.yaml]
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: v
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - args:
        - --a
        - --b
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
        image: nginx:1.0
        name: main
      - image: side:2.0
        name: side
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    a.b/c: x
  labels:
    app: v
  name: api
  namespace: back
spec:
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: unset
        image: api:1.0
        name: main
`,
  },
  {
    name: 'a number is put in as a number',
    files: {
      '/res.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.0
        args: [--a, --b]
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
      - name: side
        image: side:2.0
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: back
  labels:
    app: api
  annotations:
    a.b/c: x
spec:
  replicas: 2
  template:
    spec:
      containers:
      - name: main
        image: api:1.0
        env:
        - name: HOST
          value: unset
`,
      '/add.yaml': `
apiVersion: builtin
kind: ValueAddTransformer
metadata:
  name: add
value: "5"
targets:
- fieldPath: spec/replicas
- fieldPath: spec/new
`,
      '/kustomization.yaml': `
resources: [res.yaml]
transformers: [add.yaml]
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: web
spec:
  new: 5
  replicas: 5
  template:
    spec:
      containers:
      - args:
        - --a
        - --b
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
        image: nginx:1.0
        name: main
      - image: side:2.0
        name: side
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    a.b/c: x
  labels:
    app: api
  name: api
  namespace: back
spec:
  new: 5
  replicas: 5
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: unset
        image: api:1.0
        name: main
`,
  },
  {
    name: 'selected objects only',
    files: {
      '/res.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.0
        args: [--a, --b]
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
      - name: side
        image: side:2.0
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: back
  labels:
    app: api
  annotations:
    a.b/c: x
spec:
  replicas: 2
  template:
    spec:
      containers:
      - name: main
        image: api:1.0
        env:
        - name: HOST
          value: unset
`,
      '/add.yaml': `
apiVersion: builtin
kind: ValueAddTransformer
metadata:
  name: add
value: v
targets:
- selector:
    name: api
  fieldPath: spec/project
`,
      '/kustomization.yaml': `
resources: [res.yaml]
transformers: [add.yaml]
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - args:
        - --a
        - --b
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
        image: nginx:1.0
        name: main
      - image: side:2.0
        name: side
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    a.b/c: x
  labels:
    app: api
  name: api
  namespace: back
spec:
  project: v
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: unset
        image: api:1.0
        name: main
`,
  },
  {
    name: 'an element by name',
    files: {
      '/res.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.0
        args: [--a, --b]
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
      - name: side
        image: side:2.0
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: back
  labels:
    app: api
  annotations:
    a.b/c: x
spec:
  replicas: 2
  template:
    spec:
      containers:
      - name: main
        image: api:1.0
        env:
        - name: HOST
          value: unset
`,
      '/add.yaml': `
apiVersion: builtin
kind: ValueAddTransformer
metadata:
  name: add
value: v
targets:
- fieldPath: spec/template/spec/containers/[name=main]/image
`,
      '/kustomization.yaml': `
resources: [res.yaml]
transformers: [add.yaml]
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - args:
        - --a
        - --b
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
        image: v
        name: main
      - image: side:2.0
        name: side
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    a.b/c: x
  labels:
    app: api
  name: api
  namespace: back
spec:
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: unset
        image: v
        name: main
`,
  },
  {
    name: 'a slash in a key',
    files: {
      '/res.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.0
        args: [--a, --b]
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
      - name: side
        image: side:2.0
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: back
  labels:
    app: api
  annotations:
    a.b/c: x
spec:
  replicas: 2
  template:
    spec:
      containers:
      - name: main
        image: api:1.0
        env:
        - name: HOST
          value: unset
`,
      '/add.yaml': `
apiVersion: builtin
kind: ValueAddTransformer
metadata:
  name: add
value: v
targets:
- selector:
    name: api
  fieldPath: metadata/annotations/a.b\\/c
`,
      '/kustomization.yaml': `
resources: [res.yaml]
transformers: [add.yaml]
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - args:
        - --a
        - --b
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
        image: nginx:1.0
        name: main
      - image: side:2.0
        name: side
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    a.b/c: v
  labels:
    app: api
  name: api
  namespace: back
spec:
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: unset
        image: api:1.0
        name: main
`,
  },
  {
    name: 'in front of a path',
    files: {
      '/res.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.0
        args: [--a, --b]
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
      - name: side
        image: side:2.0
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: back
  labels:
    app: api
  annotations:
    a.b/c: x
spec:
  replicas: 2
  template:
    spec:
      containers:
      - name: main
        image: api:1.0
        env:
        - name: HOST
          value: unset
`,
      '/add.yaml': `
apiVersion: builtin
kind: ValueAddTransformer
metadata:
  name: add
value: v
targets:
- fieldPath: spec/template/spec/containers/[name=main]/image
  filePathPosition: 1
`,
      '/kustomization.yaml': `
resources: [res.yaml]
transformers: [add.yaml]
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - args:
        - --a
        - --b
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
        image: v/nginx:1.0
        name: main
      - image: side:2.0
        name: side
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    a.b/c: x
  labels:
    app: api
  name: api
  namespace: back
spec:
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: unset
        image: v/api:1.0
        name: main
`,
  },
  {
    name: 'behind a path',
    files: {
      '/res.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.0
        args: [--a, --b]
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
      - name: side
        image: side:2.0
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: back
  labels:
    app: api
  annotations:
    a.b/c: x
spec:
  replicas: 2
  template:
    spec:
      containers:
      - name: main
        image: api:1.0
        env:
        - name: HOST
          value: unset
`,
      '/add.yaml': `
apiVersion: builtin
kind: ValueAddTransformer
metadata:
  name: add
value: v
targets:
- fieldPath: spec/template/spec/containers/[name=main]/image
  filePathPosition: 99
`,
      '/kustomization.yaml': `
resources: [res.yaml]
transformers: [add.yaml]
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - args:
        - --a
        - --b
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
        image: nginx:1.0/v
        name: main
      - image: side:2.0
        name: side
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    a.b/c: x
  labels:
    app: api
  name: api
  namespace: back
spec:
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: unset
        image: api:1.0/v
        name: main
`,
  },
  {
    name: 'a map in its way is refused',
    files: {
      '/res.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.0
        args: [--a, --b]
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
      - name: side
        image: side:2.0
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: back
  labels:
    app: api
  annotations:
    a.b/c: x
spec:
  replicas: 2
  template:
    spec:
      containers:
      - name: main
        image: api:1.0
        env:
        - name: HOST
          value: unset
`,
      '/add.yaml': `
apiVersion: builtin
kind: ValueAddTransformer
metadata:
  name: add
value: v
targets:
- fieldPath: metadata/labels
`,
      '/kustomization.yaml': `
resources: [res.yaml]
transformers: [add.yaml]
`,
    },
    error: `
wrong node kind: expected ScalarNode but got MappingNode: node contents:
app: web
`,
  },
  {
    name: 'the namespace',
    files: {
      '/res.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.0
        args: [--a, --b]
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
      - name: side
        image: side:2.0
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: back
  labels:
    app: api
  annotations:
    a.b/c: x
spec:
  replicas: 2
  template:
    spec:
      containers:
      - name: main
        image: api:1.0
        env:
        - name: HOST
          value: unset
`,
      '/add.yaml': `
apiVersion: builtin
kind: ValueAddTransformer
metadata:
  name: add
value: v
targets:
- fieldPath: metadata/namespace
`,
      '/kustomization.yaml': `
resources: [res.yaml]
transformers: [add.yaml]
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: web
  namespace: v
spec:
  replicas: 1
  template:
    spec:
      containers:
      - args:
        - --a
        - --b
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
        image: nginx:1.0
        name: main
      - image: side:2.0
        name: side
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    a.b/c: x
  labels:
    app: api
  name: api
  namespace: v
spec:
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: unset
        image: api:1.0
        name: main
`,
  },
  {
    name: 'the directory is the default value',
    files: {
      '/res.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.0
        args: [--a, --b]
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
      - name: side
        image: side:2.0
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: back
  labels:
    app: api
  annotations:
    a.b/c: x
spec:
  replicas: 2
  template:
    spec:
      containers:
      - name: main
        image: api:1.0
        env:
        - name: HOST
          value: unset
`,
      '/add.yaml': `
apiVersion: builtin
kind: ValueAddTransformer
metadata:
  name: add
targets:
- fieldPath: spec/project
`,
      '/kustomization.yaml': `
resources: [res.yaml]
transformers: [add.yaml]
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: web
spec:
  project: app
  replicas: 1
  template:
    spec:
      containers:
      - args:
        - --a
        - --b
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
        image: nginx:1.0
        name: main
      - image: side:2.0
        name: side
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    a.b/c: x
  labels:
    app: api
  name: api
  namespace: back
spec:
  project: app
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: unset
        image: api:1.0
        name: main
`,
  },
  {
    name: 'no target is refused',
    files: {
      '/res.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.0
        args: [--a, --b]
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
      - name: side
        image: side:2.0
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: back
  labels:
    app: api
  annotations:
    a.b/c: x
spec:
  replicas: 2
  template:
    spec:
      containers:
      - name: main
        image: api:1.0
        env:
        - name: HOST
          value: unset
`,
      '/add.yaml': `
apiVersion: builtin
kind: ValueAddTransformer
metadata:
  name: add
value: v
`,
      '/kustomization.yaml': `
resources: [res.yaml]
transformers: [add.yaml]
`,
    },
    error:
      'plugin ValueAddTransformer.builtin.[noGrp]/add.[noNs] fails configuration: must specify at least one target',
  },
  {
    name: 'no path is refused',
    files: {
      '/res.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.0
        args: [--a, --b]
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
      - name: side
        image: side:2.0
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: back
  labels:
    app: api
  annotations:
    a.b/c: x
spec:
  replicas: 2
  template:
    spec:
      containers:
      - name: main
        image: api:1.0
        env:
        - name: HOST
          value: unset
`,
      '/add.yaml': `
apiVersion: builtin
kind: ValueAddTransformer
metadata:
  name: add
value: v
targets:
- filePathPosition: 1
`,
      '/kustomization.yaml': `
resources: [res.yaml]
transformers: [add.yaml]
`,
    },
    error: 'plugin ValueAddTransformer.builtin.[noGrp]/add.[noNs] fails configuration: fieldPath cannot be empty',
  },
  {
    name: 'a negative position is refused',
    files: {
      '/res.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.0
        args: [--a, --b]
        env:
        - name: HOST
          value: unset
        - name: PORT
          value: unset
      - name: side
        image: side:2.0
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: back
  labels:
    app: api
  annotations:
    a.b/c: x
spec:
  replicas: 2
  template:
    spec:
      containers:
      - name: main
        image: api:1.0
        env:
        - name: HOST
          value: unset
`,
      '/add.yaml': `
apiVersion: builtin
kind: ValueAddTransformer
metadata:
  name: add
value: v
targets:
- fieldPath: a
  filePathPosition: -1
`,
      '/kustomization.yaml': `
resources: [res.yaml]
transformers: [add.yaml]
`,
    },
    error:
      'plugin ValueAddTransformer.builtin.[noGrp]/add.[noNs] fails configuration: value of FilePathPosition (-1) cannot be negative',
  },
]

describe('value additions', () => {
  it.each(cases)('$name', (example) => {
    expect(outcome(example.files)).toBe(expectedOf(example))
  })
})
