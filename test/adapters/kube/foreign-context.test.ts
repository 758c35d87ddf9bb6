import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { authority, base64, createSandbox, serveTls } from './sandbox.ts'
import type { LoopbackServer, Sandbox } from './sandbox.ts'

let box: Sandbox
let server: LoopbackServer
let requests: { readonly method: string; readonly path: string; readonly headers: Readonly<Record<string, unknown>> }[]
beforeEach(async () => {
  box = await createSandbox()
  requests = []
  server = await serveTls((request, response) => {
    requests.push({ method: request.method, path: request.url, headers: request.headers })
    response.end('{}')
  })
})
afterEach(async () => {
  await box.dispose()
  await server.close()
})

const trusted = { 'certificate-authority-data': base64(authority.certPem) }

function text(cluster: object, user: object = { token: 'abc.def' }): string {
  return JSON.stringify({
    'current-context': 'c',
    clusters: [{ name: 'k', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
  })
}
const label = 'Secret apps/remote'

describe('the client of a kubeconfig that a cluster hands out', () => {
  it('names its host before it contacts it, and stays read-only', async () => {
    const { client, host } = box.configs().openForeign(text({ server: `${server.url}/k8s`, ...trusted }), label)
    expect(host).toBe(`127.0.0.1:${server.port}`)
    expect(requests).toEqual([])
    client.setReadOnly(false)
    expect((await client.request({ method: 'GET', path: '/api' })).status).toBe(200)
    await client.request({
      method: 'PATCH',
      path: '/api/v1/namespaces/a?dryRun=All',
      body: {},
      impersonate: 'system:serviceaccount:apps:deployer',
    })
    await expect(client.request({ method: 'PATCH', path: '/api/v1/namespaces/a', body: {} })).rejects.toMatchObject({
      code: 'ReadOnlyContext',
    })
    expect(requests).toMatchObject([
      { method: 'GET', path: '/k8s/api', headers: { authorization: 'Bearer abc.def' } },
      { method: 'PATCH', headers: { 'impersonate-user': 'system:serviceaccount:apps:deployer' } },
    ])
    client.close()
  })

  it('verifies the server', async () => {
    const { client } = box.configs().openForeign(text({ server: server.url }), label)
    await expect(client.request({ method: 'GET', path: '/api' })).rejects.toMatchObject({ code: 'TlsUntrusted' })
    expect(requests).toEqual([])
  })

  it.each<[string, object, object]>([
    ['user."exec"', {}, { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: '/bin/sh' } }],
    ['auth-provider', {}, { 'auth-provider': { name: 'gcp' } }],
    ['tokenFile', {}, { tokenFile: '/etc/passwd' }],
    ['client-certificate', {}, { 'client-certificate': '/etc/passwd' }],
    ['certificate-authority', { 'certificate-authority': '/etc/passwd' }, {}],
    ['proxy-url', { 'proxy-url': 'http://127.0.0.1:1' }, {}],
    ['insecure-skip-tls-verify', { 'insecure-skip-tls-verify': true }, {}],
  ])('refuses %s by name, and names the Secret', (field, cluster, user) => {
    const open = (): unknown =>
      box.configs().openForeign(text({ server: server.url, ...cluster }, { token: 'a', ...user }), label)
    expect(open).toThrow(label)
    expect(open).toThrow(field.replace('user."exec"', 'exec'))
    expect(requests).toEqual([])
  })

  it('refuses what only looks like certificates', () => {
    const broken = base64('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
    const open = (): unknown =>
      box.configs().openForeign(text({ server: server.url, 'certificate-authority-data': broken }), label)
    expect(open).toThrow('holds no PEM certificate')
  })
})
