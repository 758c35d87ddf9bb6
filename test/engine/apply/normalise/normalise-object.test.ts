/** By hand, what generated objects prove against upstream in test/conformance/normalise.test.ts. */
import { describe, expect, it } from 'vitest'
import {
  NormaliseError,
  normaliseDryRun,
  normaliseObject,
} from '../../../../electron/engine/apply/normalise/normalise-object.ts'
import type { KubeObject } from '../../../../electron/engine/clusters/view.ts'

const named = { name: 'x', namespace: 'default' }
const clean = { ...named, creationTimestamp: null }

describe('normalisation', () => {
  it('drops what Go does not know, and adds what it always writes', () => {
    expect(
      normaliseObject({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: named,
        typo: 1,
        spec: {
          replicas: 2,
          Replicas: 3,
          paused: false,
          template: {
            metadata: { creationTimestamp: null },
            spec: { containers: [{ name: 'a', ports: [{ containerPort: 80, hostPort: 0 }], env: null }], volumes: [] },
          },
        },
        status: { replicas: 1 },
      }),
    ).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: clean,
      spec: {
        replicas: 2,
        selector: null,
        strategy: {},
        template: {
          metadata: {},
          spec: { containers: [{ name: 'a', ports: [{ containerPort: 80, protocol: 'TCP' }], resources: {} }] },
        },
      },
    })
  })

  it('moves stringData of Secrets, over data', () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: named,
      data: { a: 'YQ==', b: 'Yg==' },
      stringData: { b: 'ü' },
    }
    expect(normaliseObject(secret)).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: clean,
      data: { a: 'YQ==', b: 'w7w=' },
    })
  })

  it('leaves what Go cannot read as it is, but for status and the creation time', () => {
    const broken = { apiVersion: 'v1', kind: 'Secret', metadata: named, data: { a: 'ENC[x]' }, sops: {}, status: 1 }
    expect(normaliseObject(broken)).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: clean,
      data: { a: 'ENC[x]' },
      sops: {},
    })
  })

  it('leaves custom resources and roles alone, and definitions their status', () => {
    const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: named, spec: { any: 1 }, status: {} }
    expect(normaliseObject(widget)).toEqual({ ...widget, metadata: clean, status: undefined })
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: named, rules: [], typo: 1 }
    expect(normaliseObject(role)).toBe(role)
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: named,
      status: { a: 1 },
      typo: 1,
    }
    expect(normaliseObject(definition)).toEqual({ ...definition, metadata: clean })
    // Helm has registered the types of definitions.
    expect(normaliseObject(definition, 'helm')).not.toHaveProperty('typo')
  })

  it('does not change its input', () => {
    const object: KubeObject = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: named,
      spec: { ports: [{ port: 80 }] },
      status: {},
    }
    const before = structuredClone(object)
    normaliseObject(object)
    expect(object).toEqual(before)
  })

  it('refuses kinds of which no object can be made', () => {
    expect(() => normaliseObject({ apiVersion: 'v1', kind: 'DeleteOptions', metadata: named })).toThrow(NormaliseError)
  })

  it('counts metrics of an autoscaler once in the answer of a dry-run', () => {
    const metric = {
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
    }
    const made = normaliseDryRun({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: named,
      spec: {
        scaleTargetRef: { kind: 'Deployment', name: 'x' },
        maxReplicas: 3,
        metrics: [metric, metric, { type: '' }],
      },
    })
    expect((made.spec as { metrics: unknown[] }).metrics).toEqual([metric])
  })

  it('is fast enough for a fleet', () => {
    const containers = Array.from({ length: 3 }, (_, index) => ({
      name: `c${index}`,
      image: 'a:1',
      env: Array.from({ length: 20 }, (__, at) => ({ name: `V${at}`, value: 'v' })),
      ports: [{ containerPort: 80 }],
      resources: { limits: { cpu: '100m', memory: '128Mi' }, requests: { cpu: 0.1 } },
    }))
    const object = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: named,
      spec: { template: { spec: { containers } } },
    }
    const before = process.threadCpuUsage()
    for (let i = 0; i < 1500; i++) normaliseObject(object)
    const { user, system } = process.threadCpuUsage(before)
    console.log(`1,500 deployments normalised in ${((user + system) / 1000).toFixed(0)} ms`)
    expect((user + system) / 1000).toBeLessThan(1500)
  })
})
