/** Which objects a patch with a target is for. What is expected is what kustomize 5.8.1 prints or says. */
import { describe, expect, it } from 'vitest'
import type { TreeCase } from '../merge/patch-case.ts'
import { expectedOf, outcome } from '../merge/patch-case.ts'

const cases: readonly TreeCase[] = [
  {
    name: 'by kind',
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
    name: 'by kind, as an expression',
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deploy.*|Stateful.*
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
  replicas: 3
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
  },
  {
    name: 'expressions are anchored',
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deploy
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
    name: 'by name',
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
    name: 'by name, as an expression',
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    name: w.b|ap[i]
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
    name: 'by group',
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    group: apps
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
  replicas: 3
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
  },
  {
    name: 'by version',
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    version: v1
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
  replicas: 3
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
spec:
  replicas: 3
`,
  },
  {
    name: 'by namespace',
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    namespace: data
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
  replicas: 3
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
  },
  {
    name: 'the default namespace is none',
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    namespace: default
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
    name: 'cluster-scoped objects are in no namespace',
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
apiVersion: v1
kind: Namespace
metadata:
  name: x
  labels:
    a: b
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    namespace: _non_namespaceable_
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
  labels:
    a: b
  name: data
`,
  },
  {
    name: 'by label',
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    labelSelector: tier=back
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
  replicas: 3
---
apiVersion: v1
kind: Namespace
metadata:
  name: data
`,
  },
  {
    name: 'by several labels',
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    labelSelector: "tier=back,app=api"
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
    name: 'by a set of labels',
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    labelSelector: app in (web, api)
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
    name: 'by the lack of a label',
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    labelSelector: "!tier"
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
spec:
  replicas: 3
`,
  },
  {
    name: 'by annotation',
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    annotationSelector: team=a
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
    name: 'all conditions hold',
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    labelSelector: tier=back
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
    name: 'nothing selected is no fault',
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Job
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
    name: 'a faulty expression',
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    name: "we[b"
`,
    },
    error:
      'unable to find patch target "[noKind].[noVer].[noGrp]/we[b.[noNs]:a=:l=" in `resources`: error parsing regexp: missing closing ]: `[b)$`',
  },
  {
    name: 'a faulty label selector',
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    labelSelector: "tier back"
`,
    },
    error:
      "unable to find patch target \"[noKind].[noVer].[noGrp]/[noName].[noNs]:a=:l=tier back\" in `resources`: unable to parse requirement: found 'back', expected: '=', '!=', '==', 'in', notin'",
  },
  {
    name: 'a faulty annotation selector',
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    annotationSelector: "a in b"
`,
    },
    error:
      "unable to find patch target \"[noKind].[noVer].[noGrp]/[noName].[noNs]:a=a in b:l=\" in `resources`: unable to parse requirement: found 'b' expected: '('",
  },
  {
    name: 'an empty target selects everything',
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
- patch: "[{op: add, path: /metadata/labels, value: {a: b}}]"
  target: {}
`,
    },
    error: `
trouble configuring builtin PatchTransformer with config: \`
patch: '[{op: add, path: /metadata/labels, value: {a: b}}]'
target: {}
\`: unable to parse SM or JSON patch from [patch: "[{op: add, path: /metadata/labels, value: {a: b}}]"]`,
  },
  {
    name: 'a former name selects too',
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
  name: any
spec:
  replicas: 3
`,
      '/kustomization.yaml': `
resources: [base]
patches:
- path: p.yaml
  target:
    name: web
- path: p.yaml
  target:
    name: x-api
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: x-web
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
  name: x-api
spec:
  replicas: 3
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  labels:
    tier: back
  name: x-db
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
    name: 'a former namespace selects too',
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
namespace: new
`,
      '/p.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: any
spec:
  replicas: 3
`,
      '/kustomization.yaml': `
resources: [base]
patches:
- path: p.yaml
  target:
    namespace: data
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: web
  namespace: new
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
  namespace: new
spec:
  replicas: 1
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  labels:
    tier: back
  name: db
  namespace: new
spec:
  replicas: 3
---
apiVersion: v1
kind: Namespace
metadata:
  name: new
`,
  },
]

describe('targets of patches', () => {
  it.each(cases)('$name', (example) => {
    expect(outcome(example.files)).toBe(expectedOf(example))
  })
})
