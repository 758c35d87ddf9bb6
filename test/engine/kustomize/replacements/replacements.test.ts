/** Replacements: sources, targets, paths, options, texts that hold YAML or JSON, faults. What is expected is what kustomize 5.8.1 prints or says. */
import { describe, expect, it } from 'vitest'
import type { TreeCase } from '../merge/patch-case.ts'
import { expectedOf, outcome } from '../merge/patch-case.ts'

const cases: readonly TreeCase[] = [
  {
    name: 'a field of one object into a field of another',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
          value: db.example.com
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
    name: 'into several fields',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
    - metadata.labels.app
    - spec.template.spec.containers.1.image
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: db.example.com
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
          value: db.example.com
        - name: PORT
          value: unset
        image: nginx:1.0
        name: main
      - image: db.example.com
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
        image: api:1.0
        name: main
`,
  },
  {
    name: 'into several objects',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
          value: db.example.com
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
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: db.example.com
        image: api:1.0
        name: main
`,
  },
  {
    name: 'several targets',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
  - select:
      name: api
    fieldPaths:
    - metadata.labels.app
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
          value: db.example.com
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
    app: db.example.com
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
    name: 'several replacements, each sees what those before did',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
- source:
    kind: Deployment
    name: web
    fieldPath: spec.template.spec.containers.[name=main].env.[name=HOST].value
  targets:
  - select:
      name: api
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
          value: db.example.com
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
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: db.example.com
        image: api:1.0
        name: main
`,
  },
  {
    name: 'the name where no path is given, on both sides',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
  targets:
  - select:
      name: web
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: src
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
    name: 'a given value',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- sourceValue: fixed
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
          value: fixed
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
    name: 'a given value and a source are refused',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- sourceValue: fixed
  source:
    kind: ConfigMap
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    error: 'value and resource selectors are mutually exclusive',
  },
  {
    name: 'neither is refused',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    error: 'replacements must specify a source and at least one target',
  },
  {
    name: 'no targets are refused',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
`,
    },
    error: 'replacements must specify a source and at least one target',
  },
  {
    name: 'a target that selects nothing by omission is refused',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - fieldPaths: [metadata.name]
`,
    },
    error: 'target must specify resources to select',
  },
  {
    name: 'no such source',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: Secret
    name: src
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    error: 'nothing selected by Secret.[noVer].[noGrp]/src.[noNs]',
  },
  {
    name: 'more than one source',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: Deployment
    fieldPath: metadata.name
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    error: 'multiple matches for selector Deployment.[noVer].[noGrp]/[noName].[noNs]:metadata.name',
  },
  {
    name: 'a source that is told by its options',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: Job
    fieldPath: a.b
    options:
      delimiter: ":"
      index: 1
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    error: 'nothing selected by Job.[noVer].[noGrp]/[noName].[noNs]:a.b::(1), create=false',
  },
  {
    name: 'a source field that is not there',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.none
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    error: 'fieldPath `data.none` is missing for replacement source ConfigMap.[noVer].[noGrp]/src.[noNs]',
  },
  {
    name: 'a source field that is empty text',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.empty
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
          value: ""
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
    name: 'a source path through a scalar',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host.x
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    error: `
error looking up replacement source: wrong node kind: expected MappingNode but got ScalarNode: node contents:
db.example.com
`,
  },
  {
    name: 'a wildcard in a source path',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: Deployment
    name: web
    fieldPath: spec.template.spec.containers.*.image
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    error: 'error looking up replacement source: wildcard is not supported in PathGetter',
  },
  {
    name: 'an index and the last element in a source path',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: Deployment
    name: web
    fieldPath: spec.template.spec.containers.-.image
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
- source:
    kind: Deployment
    name: web
    fieldPath: spec.template.spec.containers.0.args.1
  targets:
  - select:
      name: api
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
          value: side:2.0
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
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: --b
        image: api:1.0
        name: main
`,
  },
  {
    name: 'a negative index in a source path',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: Deployment
    name: web
    fieldPath: spec.template.spec.containers.-1.image
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    error: 'error looking up replacement source: array index -1 cannot be negative',
  },
  {
    name: 'a part of the source',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.url
    options:
      delimiter: ":"
      index: 1
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
          value: //a
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
    name: 'a part that the source has not',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.url
    options:
      delimiter: ":"
      index: 7
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    error: 'options.index 7 is out of bounds for value http://a:80/x',
  },
  {
    name: 'a negative part of the source',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.url
    options:
      delimiter: ":"
      index: -1
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    error: 'options.index -1 is out of bounds for value http://a:80/x',
  },
  {
    name: 'a part of a map is refused',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: metadata
    options:
      delimiter: ":"
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    error: 'delimiter option can only be used with scalar nodes',
  },
  {
    name: 'into a part of the target',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].image
    options:
      delimiter: ":"
      index: 1
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
        image: nginx:db.example.com
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
        image: api:1.0
        name: main
`,
  },
  {
    name: 'in front of the target',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].image
    options:
      delimiter: "/"
      index: -1
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
        image: db.example.com/nginx:1.0
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
        image: api:1.0
        name: main
`,
  },
  {
    name: 'behind the target',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].image
    options:
      delimiter: "-"
      index: 99
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
        image: nginx:1.0-db.example.com
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
        image: api:1.0
        name: main
`,
  },
  {
    name: 'a delimiter on a map is refused',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - metadata.labels
    options:
      delimiter: "-"
      index: 0
`,
    },
    error: 'delimiter option can only be used with scalar nodes',
  },
  {
    name: 'a target field that is not there',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.none
`,
    },
    error: 'unable to find field "spec.none" in replacement target',
  },
  {
    name: 'a missing field is created',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.none
    options:
      create: true
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: web
spec:
  none: db.example.com
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
    name: 'missing fields on the way are created',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - metadata.annotations.[example.com/host]
    options:
      create: true
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    example.com/host: db.example.com
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
    name: 'a missing element is created by its name',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=NEW].value
    options:
      create: true
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
        - name: NEW
          value: db.example.com
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
    name: 'missing lists and elements are created',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.initContainers.[name=i].env.[name=A].value
    options:
      create: true
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
      initContainers:
      - env:
        - name: A
          value: db.example.com
        name: i
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
        image: api:1.0
        name: main
`,
  },
  {
    name: 'the element after the last one is created by its index',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.0.args.2
    options:
      create: true
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
        - db.example.com
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
    name: 'elements further on are not',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.0.args.3
    options:
      create: true
`,
    },
    error:
      'unable to find or create field "spec.template.spec.containers.0.args.3" in replacement target: index 3 specified but only 2 elements found',
  },
  {
    name: 'an index beyond the end',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.5.image
`,
    },
    error:
      'unable to find field "spec.template.spec.containers.5.image" in replacement target: index 5 specified but only 2 elements found',
  },
  {
    name: 'every element',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.*.image
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
        image: db.example.com
        name: main
      - image: db.example.com
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
        image: api:1.0
        name: main
`,
  },
  {
    name: 'every element, some without the field',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.*.args.0
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
        - db.example.com
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
    name: 'a wildcard on a map is refused',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - metadata.labels.*
`,
    },
    error: `
unable to find field "metadata.labels.*" in replacement target: wrong node kind: expected SequenceNode but got MappingNode: node contents:
app: web
`,
  },
  {
    name: 'elements by an expression that matches anywhere',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=i].image
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
        image: db.example.com
        name: main
      - image: db.example.com
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
        image: api:1.0
        name: main
`,
  },
  {
    name: 'elements by an anchored expression',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=^main$].image
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
        image: db.example.com
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
        image: api:1.0
        name: main
`,
  },
  {
    name: 'elements by alternatives',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - "spec.template.spec.containers.[name=main|side].image"
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
        image: db.example.com
        name: main
      - image: db.example.com
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
        image: api:1.0
        name: main
`,
  },
  {
    name: 'elements by value',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - "spec.template.spec.containers.[name=main].args.[=--b]"
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
        - db.example.com
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
    name: 'no element matches',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=nobody].image
`,
    },
    error: 'unable to find field "spec.template.spec.containers.[name=nobody].image" in replacement target',
  },
  {
    name: 'a selector of elements without a value',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name].image
`,
    },
    error:
      'unable to find field "spec.template.spec.containers.[name].image" in replacement target: list path element must contain fieldName=fieldValue for element to match',
  },
  {
    name: 'a faulty expression in a path',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - "spec.template.spec.containers.[name=ma(in].image"
`,
    },
    error:
      'unable to find field "spec.template.spec.containers.[name=ma(in].image" in replacement target: error parsing regexp: missing closing ): `ma(in`',
  },
  {
    name: 'a key with dots in brackets',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      name: api
    fieldPaths:
    - metadata.annotations.[a.b/c]
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
    a.b/c: db.example.com
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
    name: 'a key with escaped dots',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      name: api
    fieldPaths:
    - metadata.annotations.a\\.b/c
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
    a.b/c: db.example.com
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
    name: 'a number keeps its type and takes the text',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.port
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.replicas
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: web
spec:
  replicas: 5432
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
    name: 'a text that is no number into a number cannot be printed',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.replicas
`,
    },
    error: 'map[string]interface {}(nil): yaml: cannot decode !!str `db.example.com` as a !!int',
  },
  {
    name: 'a number into a text stays a text',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: Deployment
    name: web
    fieldPath: spec.replicas
  targets:
  - select:
      kind: Deployment
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
          value: "1"
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
    name: 'a number into a new field',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: Deployment
    name: web
    fieldPath: spec.replicas
  targets:
  - select:
      name: api
    fieldPaths:
    - spec.copied
    options:
      create: true
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
  copied: 1
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
    name: 'a text that looks like a number into a new field',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.port
  targets:
  - select:
      name: api
    fieldPaths:
    - spec.copied
    options:
      create: true
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
  copied: 5432
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
    name: 'a map over a map',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: Deployment
    name: web
    fieldPath: metadata.labels
  targets:
  - select:
      name: api
    fieldPaths:
    - metadata.labels
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
    app: web
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
    name: 'a list over a list',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: Deployment
    name: web
    fieldPath: spec.template.spec.containers
  targets:
  - select:
      name: api
    fieldPaths:
    - spec.template.spec.containers
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
  replicas: 2
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
`,
  },
  {
    name: 'a map into a new field',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: Deployment
    name: web
    fieldPath: metadata.labels
  targets:
  - select:
      name: api
    fieldPaths:
    - spec.selector.matchLabels
    options:
      create: true
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
  replicas: 2
  selector:
    matchLabels:
      app: web
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
    name: 'a map over a text empties it',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: Deployment
    name: web
    fieldPath: metadata.labels
  targets:
  - select:
      name: api
    fieldPaths:
    - metadata.name
`,
    },
    error: 'missing metadata.name in object {{apps/v1 Deployment} {{ back} map[app:api] map[a.b/c:x]}}',
  },
  {
    name: 'a text over a map',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      name: api
    fieldPaths:
    - metadata.labels
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
  labels: db.example.com
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
    name: 'by kind as an expression',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deploy.*
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
          value: db.example.com
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
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: db.example.com
        image: api:1.0
        name: main
`,
  },
  {
    name: 'by name as an expression',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      name: w.b|a.i
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
          value: db.example.com
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
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: db.example.com
        image: api:1.0
        name: main
`,
  },
  {
    name: 'a faulty expression in a target',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      name: "w[b"
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    error: 'error creating target selector: error parsing regexp: missing closing ]: `[b)$`',
  },
  {
    name: 'by label',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
      labelSelector: app=api
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: db.example.com
        image: api:1.0
        name: main
`,
  },
  {
    name: 'by annotation',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      annotationSelector: a.b/c=x
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: db.example.com
        image: api:1.0
        name: main
`,
  },
  {
    name: 'a faulty label selector',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      labelSelector: "a b"
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    error: "unable to parse requirement: found 'b', expected: '=', '!=', '==', 'in', notin'",
  },
  {
    name: 'by namespace',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      namespace: back
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: db.example.com
        image: api:1.0
        name: main
`,
  },
  {
    name: 'an object without a namespace is in none here',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      namespace: default
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
    name: 'rejecting by name',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
    reject:
    - name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: db.example.com
        image: api:1.0
        name: main
`,
  },
  {
    name: 'rejecting by label',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
    reject:
    - labelSelector: app=web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: db.example.com
        image: api:1.0
        name: main
`,
  },
  {
    name: 'rejecting by label rejects whatever else it says',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
    reject:
    - labelSelector: app=web
      kind: Job
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: db.example.com
        image: api:1.0
        name: main
`,
  },
  {
    name: 'rejecting by several selectors',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
    reject:
    - name: web
    - name: a.*
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
    name: 'an empty rejecting selector rejects nothing',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: Deployment
    reject:
    - {}
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
          value: db.example.com
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
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: db.example.com
        image: api:1.0
        name: main
`,
  },
  {
    name: 'former names select, on both sides',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
namePrefix: x-
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: x-src
---
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: x-web
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
          value: db.example.com
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
  name: x-api
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
    name: 'a replaced name that looks like a number',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
namePrefix: x-
replacements:
- sourceValue: "5"
  targets:
  - select:
      name: web
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: x-src
---
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: 5
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
  name: x-api
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
    name: 'within JSON',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: ConfigMap
    fieldPaths:
    - data.json.a.b
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a":{"b":"db.example.com","n":1},"l":[{"name":"x","v":1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
    name: 'within JSON: a number',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.port
  targets:
  - select:
      kind: ConfigMap
    fieldPaths:
    - data.json.a.n
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a":{"b":"c","n":5432},"l":[{"name":"x","v":1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
    name: 'within JSON: a text over a number is given up',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: ConfigMap
    fieldPaths:
    - data.json.a.n
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
    name: 'within JSON: an element',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.port
  targets:
  - select:
      kind: ConfigMap
    fieldPaths:
    - data.json.l.[name=x].v
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a":{"b":"c","n":1},"l":[{"name":"x","v":5432}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
    name: 'within JSON: a new key',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: ConfigMap
    fieldPaths:
    - data.json.a.new
    options:
      create: true
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a":{"b":"c","n":1,"new":"db.example.com"},"l":[{"name":"x","v":1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
    name: 'within JSON that is indented',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: ConfigMap
    fieldPaths:
    - data.pretty.a.b
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |-
    {
      "a": {
        "b": "db.example.com"
      },
      "e": {},
      "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
    name: 'within YAML',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: ConfigMap
    fieldPaths:
    - data.yaml.a.b
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |-
    a:
      b: db.example.com
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
    name: 'within YAML: an element',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.port
  targets:
  - select:
      kind: ConfigMap
    fieldPaths:
    - data.yaml.l.[name=x].v
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |-
    a:
      b: c
    l:
    - name: x
      v: 5432
kind: ConfigMap
metadata:
  name: src
---
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
    name: 'within YAML: new keys',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: ConfigMap
    fieldPaths:
    - data.yaml.x.y
    options:
      create: true
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |-
    a:
      b: c
    l:
    - name: x
      v: 1
    x:
      y: db.example.com
kind: ConfigMap
metadata:
  name: src
---
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
    name: 'within JSON: a map over a map',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: Deployment
    name: web
    fieldPath: metadata.labels
  targets:
  - select:
      kind: ConfigMap
    fieldPaths:
    - data.json.a
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a":{"app":"web"},"l":[{"name":"x","v":1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
    name: 'within text that is no structure',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: ConfigMap
    fieldPaths:
    - data.text.a
`,
    },
    error: `
unable to find field "data.text.a" in replacement target: wrong node kind: expected MappingNode but got ScalarNode: node contents:
plain words
`,
  },
  {
    name: 'within an empty text',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: ConfigMap
    fieldPaths:
    - data.empty.a
`,
    },
    error: `
unable to find field "data.empty.a" in replacement target: wrong node kind: expected MappingNode but got : node contents:
null
`,
  },
  {
    name: 'within a number',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      name: web
    fieldPaths:
    - spec.replicas.a
`,
    },
    error: `
unable to find field "spec.replicas.a" in replacement target: wrong node kind: expected MappingNode but got ScalarNode: node contents:
1
`,
  },
  {
    name: 'within JSON: a key that is not there',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- source:
    kind: ConfigMap
    name: src
    fieldPath: data.host
  targets:
  - select:
      kind: ConfigMap
    fieldPaths:
    - data.json.a.none
`,
    },
    error: 'unable to find field "data.json.a.none" in replacement target',
  },
  {
    name: 'from a file with one replacement',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- path: r.yaml
`,
      '/r.yaml': `
source:
  kind: ConfigMap
  name: src
  fieldPath: data.host
targets:
- select:
    name: web
  fieldPaths:
  - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
          value: db.example.com
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
    name: 'from a file with a list',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- path: r.yaml
`,
      '/r.yaml': `
- sourceValue: x
  targets:
  - select:
      name: web
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
- sourceValue: "y"
  targets:
  - select:
      name: api
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: src
---
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
          value: x
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
  replicas: 2
  template:
    spec:
      containers:
      - env:
        - name: HOST
          value: "y"
        image: api:1.0
        name: main
`,
  },
  {
    name: 'from a file that is neither',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- path: r.yaml
`,
      '/r.yaml': `
just text
`,
    },
    error: `
trouble configuring builtin ReplacementTransformer with config: \`
Replacements:
- path: r.yaml
\`: unsupported replacement type encountered within replacement path: string`,
  },
  {
    name: 'from an empty file',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- path: r.yaml
`,
      '/r.yaml': '',
    },
    error: `
trouble configuring builtin ReplacementTransformer with config: \`
Replacements:
- path: r.yaml
\`: unsupported replacement type encountered within replacement path: invalid`,
  },
  {
    name: 'a path and a source are refused',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
replacements:
- path: r.yaml
  source:
    kind: ConfigMap
`,
      '/r.yaml': `
[]
`,
    },
    error: `
trouble configuring builtin ReplacementTransformer with config: \`
Replacements:
- path: r.yaml
  source:
    kind: ConfigMap
\`: cannot specify both path and inline replacement`,
  },
  {
    name: 'all of metadata goes along with what is remembered',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: src
data:
  host: db.example.com
  port: "5432"
  url: http://a:80/x
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
  text: plain words
  empty: ""
---
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
      '/kustomization.yaml': `
resources: [res.yaml]
namePrefix: x-
replacements:
- source:
    kind: Deployment
    name: web
    fieldPath: metadata.annotations
  targets:
  - select:
      name: api
    fieldPaths:
    - metadata.annotations
`,
    },
    expected: `
apiVersion: v1
data:
  empty: ""
  host: db.example.com
  json: '{"a": {"b": "c", "n": 1}, "l": [{"name": "x", "v": 1}]}'
  port: "5432"
  pretty: |
    {
      "a": {
        "b": "c"
      },
      "e": {}, "f": []
    }
  text: plain words
  url: http://a:80/x
  yaml: |
    a:
      b: c
    l:
    - name: x
      v: 1
kind: ConfigMap
metadata:
  name: x-src
---
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: x-web
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
  labels:
    app: api
  name: x-api
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
]

describe('replacements', () => {
  it.each(cases)('$name', (example) => {
    expect(outcome(example.files)).toBe(expectedOf(example))
  })
})
