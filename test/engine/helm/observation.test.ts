/** That the digest is helm-controller's own is proven against a real one in test/integration/drift/helm.test.ts. */
import { describe, expect, it } from 'vitest'
import { observationText } from '../../../electron/engine/helm/observation.ts'

describe('what helm-controller observes of a release', () => {
  it('is its Go types as JSON, without chart files and test hooks', () => {
    const release = {
      name: 'a',
      info: {
        first_deployed: '2026-01-02T03:04:05.6789Z',
        deleted: '',
        status: 'deployed',
        notes: '<b>',
        resources: null,
      },
      chart: {
        metadata: {
          version: '1.0.0',
          name: 'c',
          apiVersion: 'v2',
          unknown: 1,
          dependencies: [{ name: 'd', enabled: true }],
          annotations: { b: '2', a: '1' },
        },
        templates: [{ name: 'x', data: 'eA==' }],
      },
      config: { z: 1e21, a: [1, 2.5, null, 'ü&'], b: {} },
      manifest: '---\n',
      hooks: [
        { name: 't', events: ['test'] },
        { name: 'h', kind: 'Job', events: ['pre-install'], weight: -5, last_run: { started_at: '', phase: '' } },
      ],
      version: 3,
      namespace: 'ns',
    }
    expect(observationText(release, 'sha256:x')).toBe(
      '{"name":"a","version":3,' +
        '"info":{"first_deployed":"2026-01-02T03:04:05.6789Z","status":"deployed","notes":"\\u003cb\\u003e"},' +
        '"chartMetadata":{"name":"c","version":"1.0.0","apiVersion":"v2","annotations":{"a":"1","b":"2"},"dependencies":[{"name":"d","repository":"","enabled":true}]},' +
        '"config":{"a":[1,2.5,null,"ü\\u0026"],"b":{},"z":1e+21},' +
        '"manifest":"---\\n",' +
        '"hooks":[{"name":"h","kind":"Job","events":["pre-install"],"last_run":{"phase":""},"weight":-5}],' +
        '"namespace":"ns","ociDigest":"sha256:x"}\n',
    )
  })

  it('has null for what is not there', () => {
    expect(observationText({ name: 'a', hooks: [{ events: ['test'] }] }, '')).toBe(
      '{"name":"a","version":0,"info":{},"chartMetadata":{},"config":null,"manifest":"","hooks":null,"namespace":""}\n',
    )
  })
})
