/** Strategic merge patches: lists. What is expected is what kustomize 5.8.1 prints or says. */
import { describe, expect, it } from 'vitest'
import type { MergeCase } from './patch-case.ts'
import { expectedOf, patched } from './patch-case.ts'

const cases: readonly MergeCase[] = [
  {
    name: 'containers merge by name',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        image: a:1
      - name: b
        image: b:1
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: b
        image: b:2
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - image: b:2
        name: b
      - image: a:1
        name: a
`,
  },
  {
    name: 'patched elements come first, in the order of the patch',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
      - name: b
      - name: c
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: c
        image: c:2
      - name: new
      - name: a
        image: a:2
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - image: c:2
        name: c
      - name: new
      - image: a:2
        name: a
      - name: b
`,
  },
  {
    name: 'a new element goes to the front',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: b
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: b
      - name: a
`,
  },
  {
    name: 'an element is deleted',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
      - name: b
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        $patch: delete
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: b
`,
  },
  {
    name: 'deleting what is not there',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: z
        $patch: delete
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
`,
  },
  {
    name: 'the last element deleted leaves an empty list',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        $patch: delete
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers: []
`,
  },
  {
    name: 'replace within an element changes nothing, as upstream',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        image: a:1
        args: [x]
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        $patch: replace
        image: a:2
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - args:
        - x
        image: a:1
        name: a
`,
  },
  {
    name: 'a list is replaced by directive',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
      - name: b
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - $patch: replace
      - name: c
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: c
`,
  },
  {
    name: 'the directive may stand anywhere',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
      - name: b
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: c
      - name: d
      - $patch: replace
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: c
      - name: d
`,
  },
  {
    name: 'a list is deleted by directive',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
      volumes:
      - name: v
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      volumes:
      - $patch: delete
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
`,
  },
  {
    name: 'a list merged by directive',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - $patch: merge
      - name: b
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: b
      - name: a
`,
  },
  {
    name: 'an unknown directive for a list is refused',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - $patch: wipe
`,
    ],
    error: "unknown patch strategy 'wipe'",
  },
  {
    name: 'null deletes a list',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
      volumes:
      - name: v
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      volumes: null
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
`,
  },
  {
    name: 'a list takes the place of null',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers: null
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
`,
  },
  {
    name: 'an empty list changes nothing',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers: []
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
`,
  },
  {
    name: 'a list is added to an empty one',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers: []
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
      - name: b
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
      - name: b
`,
  },
  {
    name: 'a new list: elements of one name are one',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      initContainers:
      - name: i
        image: x
      - name: i
        image: y
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
      initContainers:
      - image: "y"
        name: i
`,
  },
  {
    name: 'a directive in a list that the target has not',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      initContainers:
      - $patch: replace
      - name: i
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
      initContainers:
      - $patch: replace
`,
  },
  {
    name: 'an element deleted from a list that the target has not',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      initContainers:
      - name: i
        $patch: delete
      - name: j
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
      initContainers:
      - name: j
`,
  },
  {
    name: 'lists within elements merge by their own keys',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        env:
        - name: X
          value: x
        - name: Y
          value: y
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        env:
        - name: Y
          value: z
        - name: Z
          value: z
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - env:
        - name: "Y"
          value: z
        - name: Z
          value: z
        - name: X
          value: x
        name: a
`,
  },
  {
    name: 'a value becomes a reference',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        env:
        - name: X
          value: x
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        env:
        - name: X
          value: null
          valueFrom:
            fieldRef:
              fieldPath: metadata.name
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - env:
        - name: X
          valueFrom:
            fieldRef:
              fieldPath: metadata.name
        name: a
`,
  },
  {
    name: 'args are replaced, not merged',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        args: [x, y]
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        args: [z]
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - args:
        - z
        name: a
`,
  },
  {
    name: 'args are removed',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        args: [x, y]
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        args: null
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
`,
  },
  {
    name: 'tolerations have no merge key: replaced',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      tolerations:
      - key: a
      - key: b
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      tolerations:
      - key: c
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      tolerations:
      - key: c
`,
  },
  {
    name: 'volumes change their source',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      volumes:
      - name: v
        emptyDir: {}
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      volumes:
      - name: v
        emptyDir: null
        configMap:
          name: c
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      volumes:
      - configMap:
          name: c
        name: v
`,
  },
  {
    name: 'volume mounts merge by mountPath',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        volumeMounts:
        - name: v
          mountPath: /a
        - name: v
          mountPath: /b
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        volumeMounts:
        - name: w
          mountPath: /b
        - name: x
          mountPath: /c
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        volumeMounts:
        - mountPath: /b
          name: w
        - mountPath: /c
          name: x
        - mountPath: /a
          name: v
`,
  },
  {
    name: 'pull secrets merge by name',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      imagePullSecrets:
      - name: a
      - name: b
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      imagePullSecrets:
      - name: c
      - name: b
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      imagePullSecrets:
      - name: c
      - name: b
      - name: a
`,
  },
  {
    name: 'host aliases merge by ip',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      hostAliases:
      - ip: 1.1.1.1
        hostnames: [a]
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      hostAliases:
      - ip: 1.1.1.1
        hostnames: [b]
      - ip: 2.2.2.2
        hostnames: [c]
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      hostAliases:
      - hostnames:
        - b
        ip: 1.1.1.1
      - hostnames:
        - c
        ip: 2.2.2.2
`,
  },
  {
    name: 'strategy is merged field by field',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 1
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  strategy:
    type: Recreate
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  strategy:
    rollingUpdate:
      maxSurge: 1
    type: Recreate
`,
  },
  {
    name: 'strategy is replaced by directive',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 1
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  strategy:
    $patch: replace
    type: Recreate
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  strategy:
    type: Recreate
`,
  },
  {
    name: 'a null among the elements',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
      - null
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: b
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: b
      - name: a
`,
  },
  {
    name: 'an empty element in the patch',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - {}
      - name: b
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: b
`,
  },
  {
    name: 'an element of the target without its key',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
      - image: x
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        image: y
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - image: x
`,
  },
  {
    name: 'an element of the patch without its key',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
      - name: b
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - image: y
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers: []
`,
  },
  {
    name: 'elements of one name in the target are one after a merge',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        image: x
      - name: a
        image: y
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      dnsPolicy: Default
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - image: "y"
        name: a
      dnsPolicy: Default
`,
  },
  {
    name: 'elements of one name in the target, patched',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        image: x
      - name: a
        image: y
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        tty: true
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - image: "y"
        name: a
`,
  },
  {
    name: 'elements of one name in the patch',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        image: x
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        tty: true
      - name: a
        stdin: true
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - image: x
        name: a
        tty: true
`,
  },
  {
    name: 'scalars where maps belong',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - a
      - b
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: c
`,
    ],
    error: `
wrong node kind: expected MappingNode but got ScalarNode: node contents:
a
`,
  },
  {
    name: 'finalizers are merged as texts',
    target: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
  finalizers: [a, b]
`,
    patches: [
      `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
  finalizers: [c, b]
`,
    ],
    expected: `
apiVersion: v1
kind: ConfigMap
metadata:
  finalizers:
  - c
  - b
  - a
  name: c
`,
  },
  {
    name: 'finalizers that stand twice are one after a merge',
    target: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
  finalizers: [a, b, a]
`,
    patches: [
      `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  x: "y"
`,
    ],
    expected: `
apiVersion: v1
data:
  x: "y"
kind: ConfigMap
metadata:
  finalizers:
  - a
  - b
  name: c
`,
  },
  {
    name: 'finalizers are removed',
    target: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
  finalizers: [a, b]
`,
    patches: [
      `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
  finalizers: null
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
    name: 'owners merge by uid',
    target: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
  ownerReferences:
  - uid: "1"
    name: a
`,
    patches: [
      `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
  ownerReferences:
  - uid: "1"
    name: b
  - uid: "2"
    name: c
`,
    ],
    expected: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
  ownerReferences:
  - name: b
    uid: "1"
  - name: c
    uid: "2"
`,
  },
  {
    name: 'lists of custom kinds are replaced',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  containers:
  - name: a
  - name: b
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  containers:
  - name: c
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  containers:
  - name: c
`,
  },
  {
    name: 'directives in lists of custom kinds are items',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  list:
  - a
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  list:
  - $patch: replace
  - b
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  list:
  - $patch: replace
  - b
`,
  },
  {
    name: 'an object inside a custom kind has its own schema',
    target: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  inner:
    apiVersion: apps/v1
    kind: Deployment
    spec:
      template:
        spec:
          containers:
          - name: a
          - name: b
`,
    patches: [
      `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  inner:
    apiVersion: apps/v1
    kind: Deployment
    spec:
      template:
        spec:
          containers:
          - name: c
`,
    ],
    expected: `
apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  inner:
    apiVersion: apps/v1
    kind: Deployment
    spec:
      template:
        spec:
          containers:
          - name: c
          - name: a
          - name: b
`,
  },
  {
    name: 'an unknown version of a known kind has no schema',
    target: `
apiVersion: apps/v9
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
`,
    patches: [
      `
apiVersion: apps/v9
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: b
`,
    ],
    expected: `
apiVersion: apps/v9
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: b
`,
  },
  {
    name: 'an unknown field of a known kind is replaced',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        things:
        - name: x
`,
    patches: [
      `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        things:
        - name: y
`,
    ],
    expected: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: a
        things:
        - name: "y"
`,
  },
  {
    name: 'pods in a CronJob',
    target: `
apiVersion: batch/v1
kind: CronJob
metadata:
  name: j
spec:
  jobTemplate:
    spec:
      template:
        spec:
          containers:
          - name: a
          - name: b
`,
    patches: [
      `
apiVersion: batch/v1
kind: CronJob
metadata:
  name: j
spec:
  jobTemplate:
    spec:
      template:
        spec:
          containers:
          - name: b
            image: x
`,
    ],
    expected: `
apiVersion: batch/v1
kind: CronJob
metadata:
  name: j
spec:
  jobTemplate:
    spec:
      template:
        spec:
          containers:
          - image: x
            name: b
          - name: a
`,
  },
  {
    name: 'rules of roles are replaced',
    target: `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: r
rules:
- verbs: [get]
- verbs: [list]
`,
    patches: [
      `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: r
rules:
- verbs: [watch]
`,
    ],
    expected: `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: r
rules:
- verbs:
  - watch
`,
  },
  {
    name: 'webhooks merge by name',
    target: `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: h
webhooks:
- name: a
  sideEffects: None
- name: b
`,
    patches: [
      `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: h
webhooks:
- name: b
  timeoutSeconds: 1
`,
    ],
    expected: `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: h
webhooks:
- name: b
  timeoutSeconds: 1
- name: a
  sideEffects: None
`,
  },
  {
    name: 'secrets of a service account merge by name',
    target: `
apiVersion: v1
kind: ServiceAccount
metadata:
  name: s
secrets:
- name: a
- name: b
`,
    patches: [
      `
apiVersion: v1
kind: ServiceAccount
metadata:
  name: s
secrets:
- name: c
`,
    ],
    expected: `
apiVersion: v1
kind: ServiceAccount
metadata:
  name: s
secrets:
- name: c
- name: a
- name: b
`,
  },
]

describe('merging lists', () => {
  it.each(cases)('$name', (example) => {
    expect(patched(example)).toBe(expectedOf(example))
  })
})
