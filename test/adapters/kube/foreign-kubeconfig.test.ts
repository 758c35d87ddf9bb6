import { describe, expect, it } from 'vitest'
import { parseForeignKubeconfig } from '../../../electron/adapters/kube/foreign-kubeconfig.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { issueLeaf } from '../../../electron/adapters/control-plane/certificates.ts'
import { authority, base64 } from './sandbox.ts'

const leaf = issueLeaf(authority, { commonName: 'x', usage: 'client' })
const goodCluster = { server: 'https://10.0.0.1:6443', 'certificate-authority-data': base64(authority.certPem) }
const goodUser = { token: 'abc.def' }

function text(cluster: object = goodCluster, user: object = goodUser, more: object = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    clusters: [{ name: 'k', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u', namespace: 'apps' } }],
    ...more,
  })
}

function fault(input: string): SluiceError {
  try {
    parseForeignKubeconfig(input)
  } catch (error) {
    if (error instanceof SluiceError) return error
    throw error
  }
  throw new Error('was accepted')
}

describe('a kubeconfig from a cluster', () => {
  it('gives server, authority, token and certificates', () => {
    const parsed = parseForeignKubeconfig(
      text(
        { ...goodCluster, 'tls-server-name': 'api.internal', 'insecure-skip-tls-verify': false },
        { ...goodUser, 'client-certificate-data': base64(leaf.certPem), 'client-key-data': base64(leaf.keyPem) },
      ),
    )
    expect(parsed).toEqual({
      contextName: 'c',
      server: 'https://10.0.0.1:6443',
      caPem: authority.certPem,
      tlsServerName: 'api.internal',
      namespace: 'apps',
      token: 'abc.def',
      clientCertificatePem: leaf.certPem,
      clientKeyPem: leaf.keyPem,
    })
  })

  it.each<[string, object, object]>([
    [
      'user."exec"',
      {},
      { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: '/bin/sh', args: ['-c', 'id'] } },
    ],
    ['auth-provider', {}, { 'auth-provider': { name: 'gcp', config: { 'cmd-path': '/bin/sh' } } }],
    ['tokenFile', {}, { tokenFile: '/etc/passwd' }],
    ['client-certificate', {}, { 'client-certificate': '/etc/ssl/x.pem' }],
    ['client-key', {}, { 'client-key': '../../.ssh/id_rsa' }],
    ['username', {}, { username: 'a', password: 'b' }],
    ['as', {}, { as: 'system:admin' }],
    ['certificate-authority', { 'certificate-authority': '/etc/hostname' }, {}],
    ['proxy-url', { 'proxy-url': 'http://evil.example:3128' }, {}],
    ['insecure-skip-tls-verify', { 'insecure-skip-tls-verify': true }, {}],
    ['insecure-skip-tls-verify', { 'insecure-skip-tls-verify': 'yes' }, {}],
    ['insecure-skip-tls-verify', { 'insecure-skip-tls-verify': ['x'] }, {}],
    ['server without https', { server: 'http://10.0.0.1' }, {}],
    ['server without https', { server: 'file:///etc/passwd' }, {}],
    ['server with user info', { server: 'https://u:p@10.0.0.1' }, {}],
    ['something-new', { 'something-new': 'x' }, {}],
    ['__proto__', {}, JSON.parse('{"__proto__": {"exec": 1}}') as object],
  ])('refuses %s by name', (field, cluster, user) => {
    const raw = Object.keys(user).includes('__proto__')
      ? text(goodCluster).replace('"token":"abc.def"', '"token":"abc.def","__proto__":{"exec":{"command":"sh"}}')
      : text({ ...goodCluster, ...cluster }, { ...goodUser, ...user })
    const error = fault(raw)
    expect(error.code).toBe('Unsupported')
    expect(error.message).toContain(field.replace('user."exec"', 'user.exec'))
  })

  it('refuses what is inherited through YAML merges and anchors', () => {
    const yaml = `
kind: Config
x: &evil {exec: {command: sh}}
current-context: c
clusters: [{name: k, cluster: {server: "https://h"}}]
contexts: [{name: c, context: {cluster: k, user: u}}]
users: [{name: u, user: {<<: *evil, token: t}}]`
    expect(fault(yaml).code).toBe('Unsupported')
  })

  it.each([
    [
      'two users of one name',
      text(goodCluster, goodUser, {
        users: [
          { name: 'u', user: goodUser },
          { name: 'u', user: { exec: {} } },
        ],
      }),
    ],
    ['no current-context', text(goodCluster, goodUser, { 'current-context': '' })],
    ['missing cluster', text(goodCluster, goodUser, { clusters: [] })],
    ['a token that ends the header line', text(goodCluster, { token: 'a\r\nHost: x' })],
    ['a certificate without key', text(goodCluster, { 'client-certificate-data': base64(leaf.certPem) })],
    ['a certificate that is no PEM', text({ ...goodCluster, 'certificate-authority-data': base64('hello') })],
    ['a certificate that is no base64', text({ ...goodCluster, 'certificate-authority-data': '/etc/passwd!' })],
    ['a server name with a path', text({ ...goodCluster, 'tls-server-name': '../x' })],
    ['a server that is no URL', text({ ...goodCluster, server: '10.0.0.1:6443' })],
    ['a server with a query', text({ ...goodCluster, server: 'https://h/?x=1' })],
    ['an empty text', ''],
    ['a scalar', 'hello'],
    ['broken YAML', '{'],
    ['256 KiB and more', `#${'x'.repeat(256 * 1024)}\n${text()}`],
    ['nesting without end', `${'['.repeat(50_000)}`],
  ])('refuses %s', (_what, input) => {
    expect(['ContextInvalid', 'KubeconfigMalformed', 'KubeconfigEmpty', 'Unsupported']).toContain(fault(input).code)
  })
})
