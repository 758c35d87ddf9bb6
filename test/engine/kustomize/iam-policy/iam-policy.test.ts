/** Service accounts for cloud policies, by a generator file. What is expected is what kustomize 5.8.1 prints or says. */
import { describe, expect, it } from 'vitest'
import type { TreeCase } from '../merge/patch-case.ts'
import { expectedOf, outcome } from '../merge/patch-case.ts'

const cases: readonly TreeCase[] = [
  {
    name: 'with a namespace',
    files: {
      '/iam.yaml': `
apiVersion: builtin
kind: IAMPolicyGenerator
metadata:
  name: iam
cloud: gke
kubernetesService:
  namespace: n
  name: k
serviceAccount:
  name: s
  projectId: p
`,
      '/kustomization.yaml': `
generators: [iam.yaml]
`,
    },
    expected: `
apiVersion: v1
kind: ServiceAccount
metadata:
  annotations:
    iam.gke.io/gcp-service-account: s@p.iam.gserviceaccount.com
  name: k
  namespace: "n"
`,
  },
  {
    name: 'without a namespace',
    files: {
      '/iam.yaml': `
apiVersion: builtin
kind: IAMPolicyGenerator
metadata:
  name: iam
cloud: gke
kubernetesService:
  name: k
serviceAccount:
  name: s
  projectId: p
`,
      '/kustomization.yaml': `
generators: [iam.yaml]
`,
    },
    expected: `
apiVersion: v1
kind: ServiceAccount
metadata:
  annotations:
    iam.gke.io/gcp-service-account: s@p.iam.gserviceaccount.com
  name: k
`,
  },
  {
    name: 'another cloud',
    files: {
      '/iam.yaml': `
apiVersion: builtin
kind: IAMPolicyGenerator
metadata:
  name: iam
cloud: aws
kubernetesService:
  name: k
serviceAccount:
  name: s
  projectId: p
`,
      '/kustomization.yaml': `
generators: [iam.yaml]
`,
    },
    error: 'cloud provider aws not supported yet',
  },
]

describe('IAM policies', () => {
  it.each(cases)('$name', (example) => {
    expect(outcome(example.files)).toBe(expectedOf(example))
  })
})
