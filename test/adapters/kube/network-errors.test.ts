import { describe, expect, it } from 'vitest'
import { toTransportError } from '../../../electron/adapters/kube/network-errors.ts'
import type { Phase } from '../../../electron/adapters/kube/network-errors.ts'

const target = { context: '"prod"', server: 'https://10.0.0.1:6443', proxy: 'http://proxy:3128' }

describe('error codes of the platform', () => {
  it.each<[string, Phase, string]>([
    ['ECONNREFUSED', 'connect', 'ConnectionRefused'],
    ['ETIMEDOUT', 'connect', 'ConnectionTimeout'],
    ['EHOSTUNREACH', 'connect', 'ConnectionTimeout'],
    ['ENETUNREACH', 'connect', 'ConnectionTimeout'],
    ['ECONNRESET', 'connect', 'ConnectionLost'],
    ['ENOTFOUND', 'lookup', 'NameNotResolved'],
    ['EAI_AGAIN', 'lookup', 'NameNotResolved'],
    ['ETIMEOUT', 'lookup', 'NameNotResolved'],
    ['ENOTFOUND', 'proxy', 'ProxyFailed'],
    ['ECONNREFUSED', 'proxy', 'ProxyFailed'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls', 'TlsUntrusted'],
    ['CERT_HAS_EXPIRED', 'tls', 'TlsUntrusted'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', 'TlsNameMismatch'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', 'TlsUntrusted'],
    ['EPROTO', 'tls', 'TlsUntrusted'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'exchange', 'Unauthorized'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'exchange', 'Unauthorized'],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'tls', 'Unauthorized'],
    ['ERR_HTTP2_SESSION_ERROR', 'exchange', 'ConnectionLost'],
    ['EPIPE', 'exchange', 'ConnectionLost'],
  ])('%s while in %s is %s', (code, phase, expected) => {
    const error = toTransportError(Object.assign(new Error('token=hunter2'), { code }), target, phase)
    expect(error.code).toBe(expected)
    expect(error.message).toContain('Context "prod"')
    expect(error.message).toContain(target.server)
    expect(error.remedy).not.toBe('')
    expect(JSON.stringify(error.toData())).not.toContain('hunter2')
  })
})
