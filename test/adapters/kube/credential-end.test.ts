import { afterEach, beforeEach, expect, it } from 'vitest'
import { issueLeaf } from '../../../electron/adapters/control-plane/certificates.ts'
import { authority, base64, createSandbox, kubeconfigText, readSet } from './sandbox.ts'
import type { Sandbox } from './sandbox.ts'

let box: Sandbox
beforeEach(async () => {
  box = await createSandbox()
})
afterEach(() => box.dispose())

const begin = Date.UTC(2026, 0, 1)
const day = 86_400_000
const leaf = issueLeaf(authority, { commonName: 'ada', usage: 'client', days: 30 }, new Date(begin))
const certificate = { 'client-certificate-data': base64(leaf.certPem), 'client-key-data': base64(leaf.keyPem) }
const token = (claims: object): string =>
  ['{"alg":"none"}', JSON.stringify(claims), 'x'].map((part) => Buffer.from(part).toString('base64url')).join('.')

async function endOf(user: Record<string, unknown>): Promise<unknown> {
  const file = await box.write('c', kubeconfigText({ cluster: { server: 'https://127.0.0.1:6443' }, user }))
  const configs = box.configs({ env: { HOME: box.home, KUBECONFIG: file } })
  await readSet(configs)
  return configs.credentialEnd?.('test')
}

it('is the last day of the client certificate', async () => {
  expect(await endOf(certificate)).toMatchObject({ what: 'client certificate', at: begin + 30 * day })
})

it('is the token’s exp, with its beginning where it says; whichever ends first', async () => {
  const second = begin / 1000
  expect(await endOf({ token: token({ exp: second + 3600, iat: second }) })).toEqual({
    what: 'token',
    at: begin + 3_600_000,
    from: begin,
  })
  expect(await endOf({ ...certificate, token: token({ exp: second + 60 * 86_400 }) })).toMatchObject({
    what: 'client certificate',
  })
  expect(await endOf({ ...certificate, token: token({ exp: second + 1, iat: second + 2 }) })).toEqual({
    what: 'token',
    at: begin + 1000,
    from: null,
  })
})

it('of a token’s file is read when asked', async () => {
  const file = await box.write('token', token({ exp: 1000 }))
  expect(await endOf({ tokenFile: file })).toEqual({ what: 'token', at: 1_000_000, from: null })
})

it('is not known of passwords, opaque or broken tokens, and of plugins, which renew', async () => {
  for (const user of [
    {},
    { token: 'opaque' },
    { token: 'a.b.c' },
    { token: token({ exp: 'soon' }) },
    { token: token({ exp: 1e300 }) },
    { username: 'ada', password: 'secret' },
    { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'x', interactiveMode: 'Never' } },
  ])
    expect(await endOf(user)).toBeNull()
})
