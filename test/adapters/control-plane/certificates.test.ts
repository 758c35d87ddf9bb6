import { X509Certificate } from 'node:crypto'
import { connect, createServer } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createAuthority, issueLeaf, isUsable } from '../../../electron/adapters/control-plane/certificates.ts'

const day = 86_400_000

describe('certificates of a local control plane', () => {
  it('chains a leaf to its authority with the names and uses asked for', () => {
    const authority = createAuthority('ca')
    const leaf = issueLeaf(authority, {
      commonName: 'jane',
      organizations: ['dev', 'ops'],
      usage: 'client',
      hosts: ['127.0.0.1', 'localhost'],
    })
    const parsed = new X509Certificate(leaf.certPem)
    expect(parsed.subject).toBe('O=dev\nO=ops\nCN=jane')
    expect(parsed.subjectAltName).toBe('IP Address:127.0.0.1, DNS:localhost')
    expect(parsed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
    expect(parsed.ca).toBe(false)
    expect(parsed.checkIssued(new X509Certificate(authority.certPem))).toBe(true)
    expect(new X509Certificate(authority.certPem).ca).toBe(true)
  })

  it('keeps names of any script and any length', () => {
    const name = `Zoë 水門 ${'x'.repeat(300)}`
    const parsed = new X509Certificate(issueLeaf(createAuthority('ca'), { commonName: name, usage: 'client' }).certPem)
    expect(parsed.toLegacyObject().subject.CN).toBe(name)
  })

  it('is usable only with its own key, under its own authority and while days are left', () => {
    const authority = createAuthority('ca')
    const now = new Date()
    const leaf = issueLeaf(authority, { commonName: 'a', usage: 'server', days: 40 }, now)
    const other = issueLeaf(authority, { commonName: 'b', usage: 'server' }, now)
    expect(isUsable(leaf, authority, 30, now)).toBe(true)
    expect(isUsable(leaf, authority, 30, new Date(now.getTime() + 11 * day))).toBe(false)
    expect(isUsable({ certPem: leaf.certPem, keyPem: other.keyPem }, authority, 30, now)).toBe(false)
    expect(isUsable(leaf, createAuthority('ca'), 30, now)).toBe(false)
    expect(isUsable({ certPem: 'garbage', keyPem: 'garbage' }, authority, 30, now)).toBe(false)
  })

  it('writes years from 2050 on as GeneralizedTime', () => {
    const { certPem } = createAuthority('ca', new Date('2045-06-01T00:00:00Z'))
    expect(new X509Certificate(certPem).validToDate.toISOString()).toBe('2055-05-30T00:00:00.000Z')
  })

  it('carries a mutual TLS connection, and none under another authority', async () => {
    const authority = createAuthority('ca')
    const serving = issueLeaf(authority, { commonName: 'server', usage: 'server', hosts: ['127.0.0.1'] })
    const server = createServer(
      {
        cert: serving.certPem,
        key: serving.keyPem,
        ca: authority.certPem,
        requestCert: true,
        rejectUnauthorized: true,
      },
      (socket) => socket.end(String(socket.getPeerCertificate().subject.CN)),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const dial = (by: ReturnType<typeof createAuthority>): Promise<string> =>
      new Promise((resolve, reject) => {
        const client = issueLeaf(by, { commonName: 'jane', usage: 'client' })
        let text = ''
        const socket = connect({
          port,
          host: '127.0.0.1',
          ca: authority.certPem,
          cert: client.certPem,
          key: client.keyPem,
        })
        socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
        socket.on('end', () => resolve(text)).on('error', reject)
      })
    await expect(dial(authority)).resolves.toBe('jane')
    // In TLS 1.3 the client learns of its refusal only when it reads: an end without a word, or a reset.
    expect(await dial(createAuthority('ca')).catch(() => '')).toBe('')
    await new Promise((resolve) => server.close(resolve))
  })
})
