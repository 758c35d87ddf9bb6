/** Strategic merge patches: lists with several keys. What is expected is what kustomize 5.8.1 prints or says. */
import { describe, expect, it } from 'vitest'
import type { MergeCase } from './patch-case.ts'
import { expectedOf, patched } from './patch-case.ts'

const cases: readonly MergeCase[] = [
  {
    name: 'both keys given on both sides',
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
        ports:
        - containerPort: 80
          protocol: TCP
          name: x
        - containerPort: 80
          protocol: UDP
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
        ports:
        - containerPort: 80
          protocol: UDP
          name: dns
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
        ports:
        - containerPort: 80
          name: x
          protocol: TCP
        - containerPort: 80
          name: dns
          protocol: UDP
`,
  },
  {
    name: 'no protocol on either side',
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
        ports:
        - containerPort: 80
        - containerPort: 81
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
        ports:
        - containerPort: 81
          name: y
        - containerPort: 82
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
        ports:
        - containerPort: 81
          name: "y"
        - containerPort: 82
        - containerPort: 80
`,
  },
  {
    name: 'a protocol in the target only',
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
        ports:
        - containerPort: 80
          protocol: TCP
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
        ports:
        - containerPort: 80
          name: x
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
        ports:
        - containerPort: 80
          protocol: TCP
`,
  },
  {
    name: 'a protocol in the patch only',
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
        ports:
        - containerPort: 80
          name: x
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
        ports:
        - containerPort: 80
          protocol: TCP
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
        ports:
        - containerPort: 80
          name: x
`,
  },
  {
    name: 'some with, some without',
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
        ports:
        - containerPort: 80
        - containerPort: 81
          protocol: UDP
        - containerPort: 82
          protocol: TCP
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
        ports:
        - containerPort: 82
          name: x
        - containerPort: 81
          protocol: UDP
          name: y
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
        ports:
        - containerPort: 80
        - containerPort: 81
          name: "y"
          protocol: UDP
        - containerPort: 82
          protocol: TCP
`,
  },
  {
    name: 'a port is deleted',
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
        ports:
        - containerPort: 80
          protocol: TCP
        - containerPort: 81
          protocol: TCP
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
        ports:
        - containerPort: 80
          protocol: TCP
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
        ports:
        - containerPort: 81
          protocol: TCP
`,
  },
  {
    name: 'a port is deleted without saying its protocol',
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
        ports:
        - containerPort: 80
          protocol: TCP
        - containerPort: 81
          protocol: TCP
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
        ports:
        - containerPort: 80
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
        ports:
        - containerPort: 80
          protocol: TCP
        - containerPort: 81
          protocol: TCP
`,
  },
  {
    name: 'ports without their number',
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
        ports:
        - protocol: TCP
          name: x
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
        ports:
        - protocol: TCP
          name: y
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
        ports:
        - name: "y"
          protocol: TCP
`,
  },
  {
    name: 'ports of a service, both keys',
    target: `
apiVersion: v1
kind: Service
metadata:
  name: s
spec:
  ports:
  - port: 80
    protocol: TCP
    targetPort: 8080
  - port: 443
    protocol: TCP
`,
    patches: [
      `
apiVersion: v1
kind: Service
metadata:
  name: s
spec:
  ports:
  - port: 80
    protocol: TCP
    targetPort: 9090
`,
    ],
    expected: `
apiVersion: v1
kind: Service
metadata:
  name: s
spec:
  ports:
  - port: 80
    protocol: TCP
    targetPort: 9090
  - port: 443
    protocol: TCP
`,
  },
  {
    name: 'ports of a service, no protocol',
    target: `
apiVersion: v1
kind: Service
metadata:
  name: s
spec:
  ports:
  - port: 80
    name: a
  - port: 443
    name: b
`,
    patches: [
      `
apiVersion: v1
kind: Service
metadata:
  name: s
spec:
  ports:
  - port: 443
    name: c
`,
    ],
    expected: `
apiVersion: v1
kind: Service
metadata:
  name: s
spec:
  ports:
  - name: c
    port: 443
  - name: a
    port: 80
`,
  },
  {
    name: 'ports of a service, a new one first',
    target: `
apiVersion: v1
kind: Service
metadata:
  name: s
spec:
  ports:
  - port: 80
    name: a
`,
    patches: [
      `
apiVersion: v1
kind: Service
metadata:
  name: s
spec:
  ports:
  - port: 81
    name: b
`,
    ],
    expected: `
apiVersion: v1
kind: Service
metadata:
  name: s
spec:
  ports:
  - name: b
    port: 81
  - name: a
    port: 80
`,
  },
  {
    name: 'one port number twice, told apart by protocol',
    target: `
apiVersion: v1
kind: Service
metadata:
  name: s
spec:
  ports:
  - port: 53
    protocol: TCP
    name: tcp
  - port: 53
    protocol: UDP
    name: udp
`,
    patches: [
      `
apiVersion: v1
kind: Service
metadata:
  name: s
spec:
  ports:
  - port: 53
    protocol: UDP
    targetPort: 5353
`,
    ],
    expected: `
apiVersion: v1
kind: Service
metadata:
  name: s
spec:
  ports:
  - name: tcp
    port: 53
    protocol: TCP
  - name: udp
    port: 53
    protocol: UDP
    targetPort: 5353
`,
  },
  {
    name: 'one port number twice, not told apart by the patch',
    target: `
apiVersion: v1
kind: Service
metadata:
  name: s
spec:
  ports:
  - port: 53
    protocol: TCP
    name: tcp
  - port: 53
    protocol: UDP
    name: udp
`,
    patches: [
      `
apiVersion: v1
kind: Service
metadata:
  name: s
spec:
  ports:
  - port: 53
    targetPort: 5353
`,
    ],
    expected: `
apiVersion: v1
kind: Service
metadata:
  name: s
spec:
  ports:
  - name: tcp
    port: 53
    protocol: TCP
  - name: udp
    port: 53
    protocol: UDP
`,
  },
  {
    name: 'spread constraints by both keys',
    target: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      topologySpreadConstraints:
      - topologyKey: zone
        whenUnsatisfiable: DoNotSchedule
        maxSkew: 1
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
      topologySpreadConstraints:
      - topologyKey: zone
        whenUnsatisfiable: DoNotSchedule
        maxSkew: 2
      - topologyKey: host
        whenUnsatisfiable: ScheduleAnyway
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
      topologySpreadConstraints:
      - topologyKey: host
        whenUnsatisfiable: ScheduleAnyway
      - maxSkew: 2
        topologyKey: zone
        whenUnsatisfiable: DoNotSchedule
`,
  },
  {
    name: 'a patch that touches no port leaves them',
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
        ports:
        - containerPort: 80
        - containerPort: 81
          protocol: TCP
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
        image: x
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
        ports:
        - containerPort: 80
        - containerPort: 81
          protocol: TCP
`,
  },
]

describe('merging lists with several keys', () => {
  it.each(cases)('$name', (example) => {
    expect(patched(example)).toBe(expectedOf(example))
  })
})
