/** JSON patches: every operation, both notations, faults. What is expected is what kustomize 5.8.1 prints or says. */
import { describe, expect, it } from 'vitest'
import type { TreeCase } from '../merge/patch-case.ts'
import { expectedOf, outcome } from '../merge/patch-case.ts'

const cases: readonly TreeCase[] = [
  {
    name: 'refuses a generated text of several lines that begins with a tab, even where the patch takes it away',
    files: {
      '/ops.yaml': '- op: remove\n  path: /data\n',
      '/kustomization.yaml': `
configMapGenerator:
- name: web
  literals:
  - "HOST=\\tfirst\\nx"
patchesJson6902:
- target:
    name: web
  path: ops.yaml
`,
    },
    error: 'yaml: line 9: found a tab character where an indentation space is expected',
  },
  {
    name: 'refuses such an annotation once an earlier transformer has been noted beside it',
    files: {
      '/claim.yaml': [
        'apiVersion: v1',
        'kind: PersistentVolumeClaim',
        'metadata:',
        '  name: web',
        '  annotations:',
        '    a10: "\\ttab first\\nx"',
        '',
      ].join('\n'),
      '/ops.yaml': '- op: replace\n  path: /metadata/annotations\n',
      '/kustomization.yaml': `
resources: [claim.yaml]
buildMetadata: [transformerAnnotations]
namePrefix: a-
patchesJson6902:
- target:
    name: web
  path: ops.yaml
`,
    },
    error: 'yaml: line 6: found a tab character where an indentation space is expected',
  },
  {
    name: 'add a field',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: /spec/paused
  value: true
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
  paused: true
  replicas: 1
`,
  },
  {
    name: 'add over a field replaces it',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: /spec/replicas
  value: 2
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
  replicas: 2
`,
  },
  {
    name: 'add without a value adds null',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: /spec/paused
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
  paused: null
  replicas: 1
`,
  },
  {
    name: 'add below what is not there',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: /spec/template/spec
  value: {}
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: 'add operation does not apply: doc is missing path: "/spec/template/spec": missing value',
  },
  {
    name: 'add below a scalar',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: /spec/replicas/x
  value: 1
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: 'add operation does not apply: doc is missing path: "/spec/replicas/x": missing value',
  },
  {
    name: 'add to a list: at its start, its end, an index',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: /spec/list
  value: [b]
- op: add
  path: /spec/list/0
  value: a
- op: add
  path: /spec/list/-
  value: d
- op: add
  path: /spec/list/2
  value: c
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
  list:
  - a
  - b
  - c
  - d
  replicas: 1
`,
  },
  {
    name: 'add to a list with a negative index',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: /spec/list
  value: [a, b]
- op: add
  path: /spec/list/-1
  value: c
- op: add
  path: /spec/list/-3
  value: d
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
  list:
  - a
  - d
  - b
  - c
  replicas: 1
`,
  },
  {
    name: 'add beyond the end of a list',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: /spec/list
  value: [a]
- op: add
  path: /spec/list/2
  value: c
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: "error in add for path: '/spec/list/2': Unable to access invalid index: 2: invalid index referenced",
  },
  {
    name: 'add at what is no index',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: /spec/list
  value: [a]
- op: add
  path: /spec/list/x
  value: c
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error:
      "error in add for path: '/spec/list/x': value was not a proper array index: 'x': strconv.Atoi: parsing \"x\": invalid syntax",
  },
  {
    name: 'an index with a plus sign',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: /spec/list
  value: [a]
- op: add
  path: /spec/list/+1
  value: c
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
  list:
  - a
  - c
  replicas: 1
`,
  },
  {
    name: 'an index beyond 64 bits',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: /spec/list
  value: [a]
- op: add
  path: /spec/list/99999999999999999999
  value: c
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error:
      "error in add for path: '/spec/list/99999999999999999999': value was not a proper array index: '99999999999999999999': strconv.Atoi: parsing \"99999999999999999999\": value out of range",
  },
  {
    name: 'annotations exist once a patch is applied',
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
`,
      '/p.yaml': `
- op: add
  path: /metadata/annotations/x
  value: "y"
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: web
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    x: "y"
  labels:
    app: web
  name: web
spec:
  replicas: 1
`,
  },
  {
    name: 'the deprecated field brings no annotations',
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
`,
      '/p.yaml': `
- op: add
  path: /metadata/annotations/x
  value: "y"
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patchesJson6902:
- path: p.yaml
  target:
    kind: Deployment
    name: web
`,
    },
    error: 'add operation does not apply: doc is missing path: "/metadata/annotations/x": missing value',
  },
  {
    name: 'all annotations are removed',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: remove
  path: /metadata/annotations
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: api
    tier: back
  name: api
spec:
  replicas: 1
`,
  },
  {
    name: 'annotations become texts',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: /metadata/annotations/n
  value: 1
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    "n": "1"
    team: a
  labels:
    app: api
    tier: back
  name: api
spec:
  replicas: 1
`,
  },
  {
    name: 'replace a field',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: replace
  path: /spec/replicas
  value: 2
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
  replicas: 2
`,
  },
  {
    name: 'replace what is not there adds it',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: replace
  path: /spec/paused
  value: true
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
  paused: true
  replicas: 1
`,
  },
  {
    name: 'replace in a list that is shorter',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: /spec/list
  value: [a]
- op: replace
  path: /spec/list/1
  value: c
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: 'replace operation does not apply: doc is missing key: /spec/list/1: missing value',
  },
  {
    name: 'replace below what is not there',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: replace
  path: /spec/template/spec
  value: {}
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: 'replace operation does not apply: doc is missing path: /spec/template/spec: missing value',
  },
  {
    name: 'replace the whole object',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: replace
  path: ""
  value:
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: new
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    expected: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: new
`,
  },
  {
    name: 'replace the whole object by a scalar',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: replace
  path: ""
  value: 5
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: 'replace operation value must be object or array: %!w(<nil>)',
  },
  {
    name: 'replace the whole object by a list',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: replace
  path: ""
  value: [1]
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: 'json: cannot unmarshal array into Go value of type map[string]interface {}',
  },
  {
    name: 'remove a field',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: remove
  path: /spec/replicas
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
spec: {}
`,
  },
  {
    name: 'remove what is not there',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: remove
  path: /spec/paused
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: "error in remove for path: '/spec/paused': Unable to remove nonexistent key: paused: missing value",
  },
  {
    name: 'remove from a list, also from its end',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: /spec/list
  value: [a, b, c, d]
- op: remove
  path: /spec/list/0
- op: remove
  path: /spec/list/-1
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
  list:
  - b
  - c
  replicas: 1
`,
  },
  {
    name: 'remove beyond the end of a list',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: /spec/list
  value: [a]
- op: remove
  path: /spec/list/1
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: "error in remove for path: '/spec/list/1': Unable to access invalid index: 1: invalid index referenced",
  },
  {
    name: 'move',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: move
  from: /spec/replicas
  path: /spec/count
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
  count: 1
`,
  },
  {
    name: 'move from what is not there',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: move
  from: /spec/x
  path: /spec/count
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: "error in move for path: 'x': Unable to remove nonexistent key: x: missing value",
  },
  {
    name: 'move without a source',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: move
  path: /spec/count
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: 'move operation failed to decode from: operation, missing from field: missing value',
  },
  {
    name: 'copy',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: copy
  from: /metadata/labels
  path: /spec/selector
- op: add
  path: /spec/selector/only
  value: here
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
  selector:
    app: api
    only: here
    tier: back
`,
  },
  {
    name: 'copy of what is not there copies null',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: copy
  from: /spec/x
  path: /spec/y
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
  "y": null
`,
  },
  {
    name: 'copy to a place that is not there',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: copy
  from: /spec/replicas
  path: /spec/x/y
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: 'copy operation does not apply: doc is missing destination path: /spec/x/y: missing value',
  },
  {
    name: 'test that holds',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: test
  path: /spec/replicas
  value: 1
- op: remove
  path: /spec/replicas
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
spec: {}
`,
  },
  {
    name: 'test that fails',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: test
  path: /spec/replicas
  value: 2
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: 'testing value /spec/replicas failed: test failed',
  },
  {
    name: 'test of maps and lists',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: /spec/list
  value: [{a: b}, 1]
- op: test
  path: /spec/list
  value: [{a: b}, 1]
- op: test
  path: /metadata/labels
  value: {tier: back, app: api}
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
  list:
  - a: b
  - 1
  replicas: 1
`,
  },
  {
    name: 'test of what is not there against null',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: test
  path: /spec/x
  value: null
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
`,
  },
  {
    name: 'test of a number against its text',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: test
  path: /spec/replicas
  value: "1"
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: 'testing value /spec/replicas failed: test failed',
  },
  {
    name: 'test compares the written form: 1.0 is not 1',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': '[{"op": "test", "path": "/spec/replicas", "value": 1.0}]',
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: 'testing value /spec/replicas failed: test failed',
  },
  {
    name: 'test compares the written form: YAML gives 1.0 the form 1',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: test
  path: /spec/replicas
  value: 1.0
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
`,
  },
  {
    name: 'test of the whole object',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: test
  path: ""
  value: {a: b}
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: 'testing value  failed: test failed',
  },
  {
    name: 'escapes in pointers',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: /metadata/annotations/example.com~1a~0b
  value: x
- op: add
  path: /metadata/annotations/c~01d
  value: "y"
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    c~1d: "y"
    example.com/a~b: x
    team: a
  labels:
    app: api
    tier: back
  name: api
spec:
  replicas: 1
`,
  },
  {
    name: 'a path without its slash',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: spec
  value: x
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: 'add operation does not apply: doc is missing path: "spec": missing value',
  },
  {
    name: 'what stands before the first slash is not looked at',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: x/added
  value: x
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    expected: `
added: x
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
`,
  },
  {
    name: 'no path',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  value: x
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: 'add operation failed to decode path: missing value',
  },
  {
    name: 'a path that is no text',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: 5
  value: x
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: 'add operation failed to decode path: missing value',
  },
  {
    name: 'no operation',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- path: /spec
  value: x
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: 'Unexpected kind: unknown',
  },
  {
    name: 'an unknown operation',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: patch
  path: /spec
  value: x
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: 'Unexpected kind: patch',
  },
  {
    name: 'JSON text',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
[
  {"op": "replace", "path": "/spec/replicas", "value": 5},
  {"op": "add", "path": "/spec/text", "value": "a\\u0041\\n<b>"}
]
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
  replicas: 5
  text: |-
    aA
    <b>
`,
  },
  {
    name: 'JSON with a fault',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': '[{"op": "replace", "path": "/spec/replicas", "value": 5},]',
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: `
trouble configuring builtin PatchTransformer with config: \`
path: p.yaml
target:
  kind: Deployment
  name: api
\`: unable to parse SM or JSON patch from [path: "p.yaml"]`,
  },
  {
    name: 'a patch that is a map',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
op: add
path: /spec
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: `
trouble configuring builtin PatchTransformer with config: \`
path: p.yaml
target:
  kind: Deployment
  name: api
\`: unable to parse SM or JSON patch from [path: "p.yaml"]`,
  },
  {
    name: 'an item that is no map',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- add
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    error: `
trouble configuring builtin PatchTransformer with config: \`
path: p.yaml
target:
  kind: Deployment
  name: api
\`: unable to parse SM or JSON patch from [path: "p.yaml"]`,
  },
  {
    name: 'numbers go through float64',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: /spec/numbers
  value: [12345678901234567890, 9007199254740993, 30000000, 0.1, 1e21, 1e-7]
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
  numbers:
  - 12345678901234567000
  - 9007199254740992
  - 30000000
  - 0.1
  - 1e+21
  - 1e-07
  replicas: 1
`,
  },
  {
    name: 'large numbers elsewhere in the object lose digits too',
    files: {
      '/res.yaml': `
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
  big: 12345678901234567890
  date: 2001-01-01
  octal: 0777
  text: "0777"
`,
      '/p.yaml': `
- op: add
  path: /spec/x
  value: 1
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
  big: 12345678901234567000
  date: "2001-01-01T00:00:00Z"
  octal: 511
  replicas: 1
  text: "0777"
  x: 1
`,
  },
  {
    name: 'the kind changes',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: replace
  path: /kind
  value: DaemonSet
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
`,
    },
    expected: `
apiVersion: apps/v1
kind: DaemonSet
metadata:
  annotations:
    team: a
  labels:
    app: api
    tier: back
  name: api
spec:
  replicas: 1
`,
  },
  {
    name: 'the name changes',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: replace
  path: /metadata/name
  value: other
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
  name: other
spec:
  replicas: 1
`,
  },
  {
    name: 'keys named like prototypes',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: add
  path: /spec/__proto__
  value: {a: b}
- op: add
  path: /spec/constructor
  value: c
- op: test
  path: /spec/toString
  value: null
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- path: p.yaml
  target:
    kind: Deployment
    name: api
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
  __proto__:
    a: b
  constructor: c
  replicas: 1
`,
  },
  {
    name: 'without a target',
    files: {
      '/res.yaml': `
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patches:
- patch: |-
    - op: remove
      path: /spec
`,
    },
    error: 'must specify a target for JSON patch [patch: "- op: remove\\n  path: /spec"]',
  },
  {
    name: 'the deprecated field needs a name',
    files: {
      '/res.yaml': `
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patchesJson6902:
- patch: |-
    - op: remove
      path: /spec
  target:
    kind: Deployment
`,
    },
    error: `
trouble configuring builtin PatchJson6902Transformer with config: \`
jsonOp: |-
  - op: remove
    path: /spec
target:
  kind: Deployment
\`: must specify the target name`,
  },
  {
    name: 'the deprecated field: an empty patch',
    files: {
      '/res.yaml': `
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patchesJson6902:
- patch: "[]"
  target:
    kind: Deployment
    name: api
`,
    },
    error: `
trouble configuring builtin PatchJson6902Transformer with config: \`
jsonOp: '[]'
target:
  kind: Deployment
  name: api
\`: patch appears to be empty; file=, JsonOp=[]`,
  },
  {
    name: 'the deprecated field: a patch that is a map',
    files: {
      '/res.yaml': `
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patchesJson6902:
- patch: "a: b"
  target:
    kind: Deployment
    name: api
`,
    },
    error: `
trouble configuring builtin PatchJson6902Transformer with config: \`
jsonOp: 'a: b'
target:
  kind: Deployment
  name: api
\`: decoding {"a":"b"}: json: cannot unmarshal object into Go value of type jsonpatch.Patch`,
  },
  {
    name: 'the deprecated field: neither patch nor path',
    files: {
      '/res.yaml': `
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
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patchesJson6902:
- target:
    kind: Deployment
    name: api
`,
    },
    error: `
trouble configuring builtin PatchJson6902Transformer with config: \`
target:
  kind: Deployment
  name: api
\`: empty file path and empty jsonOp`,
  },
  {
    name: 'the deprecated field: both',
    files: {
      '/res.yaml': `
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
`,
      '/p.yaml': `
- op: remove
  path: /spec
`,
      '/kustomization.yaml': `
resources: [res.yaml]
patchesJson6902:
- path: p.yaml
  patch: "[]"
  target:
    kind: Deployment
    name: api
`,
    },
    error: `
trouble configuring builtin PatchJson6902Transformer with config: \`
jsonOp: '[]'
path: p.yaml
target:
  kind: Deployment
  name: api
\`: must specify a file path or jsonOp, not both`,
  },
]

describe('JSON patches', () => {
  it.each(cases)('$name', (example) => {
    expect(outcome(example.files)).toBe(expectedOf(example))
  })
})
