/** Strategic merge patches in a kustomization: what they are for, options, faults. What is expected is what kustomize 5.8.1 prints or says. */
import { describe, expect, it } from 'vitest'
import type { TreeCase } from '../merge/patch-case.ts'
import { expectedOf, outcome } from '../merge/patch-case.ts'

const cases: readonly TreeCase[] = [
  {
    name: 'without a target the patch says what it is for',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 3
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    team: a
  labels:
    app: api
    tier: back
  name: api
spec:
  replicas: 3
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  labels:
    tier: back
  name: db
  namespace: data
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
  },
  {
    name: 'several documents in one file',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 3
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
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
  replicas: 3
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    team: a
  labels:
    app: api
    tier: back
  name: api
spec:
  replicas: 3
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  labels:
    tier: back
  name: db
  namespace: data
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
  },
  {
    name: 'several documents and a target are refused',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: any
spec:
  replicas: 3
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: any
spec:
  replicas: 3
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
`,
    },
    error:
      'Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field: [path: "p.yaml"]',
  },
  {
    name: 'inline',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
    spec:
      replicas: 9
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
  replicas: 9
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    team: a
  labels:
    app: api
    tier: back
  name: api
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  labels:
    tier: back
  name: db
  namespace: data
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
  },
  {
    name: 'no object of that id',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: any
spec:
  replicas: 3
`,
    },
    error:
      'no resource matches strategic merge patch "Deployment.v1.apps/any.[noNs]": no matches for Id Deployment.v1.apps/any.[noNs]; failed to find unique target for patch Deployment.v1.apps/any.[noNs]',
  },
  {
    name: 'an object of another namespace',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec: {}
`,
    },
    error:
      'no resource matches strategic merge patch "StatefulSet.v1.apps/db.[noNs]": no matches for Id StatefulSet.v1.apps/db.[noNs]; failed to find unique target for patch StatefulSet.v1.apps/db.[noNs]',
  },
  {
    name: 'its own namespace',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
spec:
  replicas: 5
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    team: a
  labels:
    app: api
    tier: back
  name: api
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  labels:
    tier: back
  name: db
  namespace: data
spec:
  replicas: 5
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
  },
  {
    name: 'the name, kind and namespace of the target stay',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: Other
metadata:
  name: any
  namespace: other
spec:
  x: 1
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
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
  x: 1
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    team: a
  labels:
    app: api
    tier: back
  name: api
spec:
  replicas: 1
  x: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  labels:
    tier: back
  name: db
  namespace: data
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
  },
  {
    name: 'the name changes where allowed',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: new
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    name: web
  options:
    allowNameChange: true
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: new
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    team: a
  labels:
    app: api
    tier: back
  name: api
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  labels:
    tier: back
  name: db
  namespace: data
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
  },
  {
    name: 'the kind changes where allowed',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: web
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    name: web
  options:
    allowKindChange: true
`,
    },
    expected: `
apiVersion: apps/v1
kind: DaemonSet
metadata:
  labels:
    app: web
  name: web
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    team: a
  labels:
    app: api
    tier: back
  name: api
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  labels:
    tier: back
  name: db
  namespace: data
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
  },
  {
    name: 'both change',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: new
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    name: web
  options:
    allowKindChange: true
    allowNameChange: true
`,
    },
    expected: `
apiVersion: apps/v1
kind: DaemonSet
metadata:
  labels:
    app: web
  name: new
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    team: a
  labels:
    app: api
    tier: back
  name: api
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  labels:
    tier: back
  name: db
  namespace: data
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
  },
  {
    name: 'a name that another one has is refused',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    name: web
  options:
    allowNameChange: true
`,
    },
    error: 'may not add resource with an already registered id: Deployment.v1.apps/api.[noNs]',
  },
  {
    name: 'references follow a changed name',
    files: {
      '/res.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
---
apiVersion: v1
kind: Pod
metadata:
  name: p
spec:
  containers:
  - name: a
    envFrom:
    - configMapRef:
        name: c
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- target:
    kind: ConfigMap
  options:
    allowNameChange: true
  patch: |
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: renamed
`,
    },
    expected: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: renamed
---
apiVersion: v1
kind: Pod
metadata:
  name: p
spec:
  containers:
  - envFrom:
    - configMapRef:
        name: renamed
    name: a
`,
  },
  {
    name: 'the whole object is deleted',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/p.yaml': `
$patch: delete
apiVersion: apps/v1
kind: Deployment
metadata:
  name: any
spec:
  replicas: 3
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
`,
    },
    expected: `
apiVersion: apps/v1
kind: StatefulSet
metadata:
  labels:
    tier: back
  name: db
  namespace: data
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
  },
  {
    name: 'the whole object is deleted, without a target',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
`,
      '/p.yaml': `
$patch: delete
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    team: a
  labels:
    app: api
    tier: back
  name: api
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  labels:
    tier: back
  name: db
  namespace: data
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
  },
  {
    name: 'a later patch does not find what an earlier one deleted',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
- path: q.yaml
`,
      '/p.yaml': `
$patch: delete
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
`,
      '/q.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
`,
    },
    error:
      'no resource matches strategic merge patch "Deployment.v1.apps/web.[noNs]": no matches for Id Deployment.v1.apps/web.[noNs]; failed to find unique target for patch Deployment.v1.apps/web.[noNs]',
  },
  {
    name: 'labels of a patch with a target become texts',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: any
  labels:
    n: 1
    b: true
    gone: null
    app: null
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    name: web
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: "null"
    b: "true"
    gone: "null"
    "n": "1"
  name: web
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    team: a
  labels:
    app: api
    tier: back
  name: api
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  labels:
    tier: back
  name: db
  namespace: data
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
  },
  {
    name: 'labels of a patch without a target are merged',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    n: 1
    app: null
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    "n": 1
  name: web
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    team: a
  labels:
    app: api
    tier: back
  name: api
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  labels:
    tier: back
  name: db
  namespace: data
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
  },
  {
    name: 'annotations are removed as a whole',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  annotations: null
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: api
    tier: back
  name: api
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  labels:
    tier: back
  name: db
  namespace: data
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
  },
  {
    name: 'annotations are replaced, and former names forgotten',
    files: {
      '/base/res.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/base/kustomization.yaml': `
resources: [res.yaml]
namePrefix: x-
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: x-api
  annotations:
    $patch: replace
    b: c
`,
      '/q.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 7
`,
      '/kustomization.yaml': `
resources: [base]
patches:
- path: p.yaml
- path: q.yaml
`,
    },
    error:
      'no resource matches strategic merge patch "Deployment.v1.apps/api.[noNs]": no matches for Id Deployment.v1.apps/api.[noNs]; failed to find unique target for patch Deployment.v1.apps/api.[noNs]',
  },
  {
    name: 'an empty patch file does nothing',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
`,
      '/p.yaml': `
# nothing
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    team: a
  labels:
    app: api
    tier: back
  name: api
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  labels:
    tier: back
  name: db
  namespace: data
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
  },
  {
    name: 'neither patch nor path',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- target:
    kind: Deployment
`,
    },
    error: `
trouble configuring builtin PatchTransformer with config: \`
target:
  kind: Deployment
\`: must specify one of patch and path in
target:
  kind: Deployment
`,
  },
  {
    name: 'both patch and path',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  patch: "x: y"
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: any
spec:
  replicas: 3
`,
    },
    error: `
trouble configuring builtin PatchTransformer with config: \`
patch: 'x: y'
path: p.yaml
\`: patch and path can't be set at the same time
patch: 'x: y'
path: p.yaml
`,
  },
  {
    name: 'text that is no patch',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- patch: "no patch at all"
`,
    },
    error: `
trouble configuring builtin PatchTransformer with config: \`
patch: no patch at all
\`: unable to parse SM or JSON patch from [patch: "no patch at all"]`,
  },
  {
    name: 'a patch without a name',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    spec: {}
  target:
    name: web
`,
    },
    error: `
trouble configuring builtin PatchTransformer with config: \`
patch: |-
  apiVersion: apps/v1
  kind: Deployment
  spec: {}
target:
  name: web
\`: unable to parse SM or JSON patch from [patch: "apiVersion: apps/v1\\nkind: Deployment\\nspec: {}"]`,
  },
  {
    name: 'the deprecated field: inline and by file',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patchesStrategicMerge:
- p.yaml
- |-
  apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: api
  spec:
    replicas: 4
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
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
  replicas: 3
---
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    team: a
  labels:
    app: api
    tier: back
  name: api
spec:
  replicas: 4
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  labels:
    tier: back
  name: db
  namespace: data
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
  },
  {
    name: 'the deprecated field: no object of that id',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patchesStrategicMerge:
- p.yaml
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: any
spec:
  replicas: 3
`,
    },
    error:
      'no matches for Id Deployment.v1.apps/any.[noNs]; failed to find unique target for patch Deployment.v1.apps/any.[noNs]',
  },
  {
    name: 'the deprecated field: deletes',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patchesStrategicMerge:
- p.yaml
`,
      '/p.yaml': `
$patch: delete
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    team: a
  labels:
    app: api
    tier: back
  name: api
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  labels:
    tier: back
  name: db
  namespace: data
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
  },
  {
    name: 'the deprecated field: an empty file',
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
    tier: back
  annotations:
    team: a
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: data
  labels:
    tier: back
spec:
  replicas: 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patchesStrategicMerge:
- p.yaml
`,
      '/p.yaml': `
# nothing
`,
    },
    error: `
trouble configuring builtin PatchStrategicMergeTransformer with config: \`
paths:
- p.yaml
\`: patch appears to be empty; files=[p.yaml], Patch=`,
  },
]

describe('strategic merge patches', () => {
  it.each(cases)('$name', (example) => {
    expect(outcome(example.files)).toBe(expectedOf(example))
  })
})
