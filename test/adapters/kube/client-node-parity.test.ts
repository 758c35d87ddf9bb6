/** Our reading of a well-formed kubeconfig against @kubernetes/client-node's own: same entries, same current context. */
import { KubeConfig } from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import { parseKubeconfig } from '../../../electron/adapters/kube/kubeconfig-text.ts'

const text = `
apiVersion: v1
kind: Config
preferences: {}
current-context: staging
clusters:
- name: plain
  cluster: {server: "https://10.0.0.1:6443", certificate-authority-data: QUJD}
- name: files
  cluster:
    server: https://example.invalid/prefix
    certificate-authority: pki/ca.crt
    tls-server-name: api.internal
    proxy-url: http://proxy:3128
- name: careless
  cluster: {server: "https://10.0.0.2", insecure-skip-tls-verify: true}
users:
- name: certificate
  user: {client-certificate-data: QUJD, client-key-data: REVG}
- name: files
  user: {client-certificate: pki/me.crt, client-key: /abs/me.key}
- name: token
  user: {token: abc.def}
- name: basic
  user: {username: me, password: "12345"}
- name: imp
  user: {token: t, as: jane}
- name: exec
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: aws
      args: [eks, get-token, --cluster-name, "007"]
      env: [{name: AWS_PROFILE, value: prod}]
      interactiveMode: IfAvailable
      provideClusterInfo: true
- name: legacy
  user: {auth-provider: {name: gcp, config: {a: b}}}
contexts:
- {name: staging, context: {cluster: plain, user: certificate, namespace: apps}}
- {name: other, context: {cluster: files, user: files}}
- {name: third, context: {cluster: careless, user: exec}}
`

describe('against client-node', () => {
  const theirs = new KubeConfig()
  theirs.loadFromString(text)
  const ours = parseKubeconfig(text, 'test')

  it('clusters', () => {
    expect(
      [...ours.clusters.values()].map((entry) => ({
        name: entry.name,
        server: entry.server,
        caData: entry.caData ?? undefined,
        caFile: entry.caFile ?? undefined,
        skipTLSVerify: entry.isInsecure,
        tlsServerName: entry.tlsServerName ?? undefined,
        proxyUrl: entry.proxyUrl ?? undefined,
      })),
    ).toEqual(theirs.clusters)
  })

  it('users', () => {
    for (const their of theirs.users) {
      const our = ours.users.get(their.name)
      const exec = their.exec as { command: string; args: string[]; env: object[] } | undefined
      expect(our).toMatchObject({
        certData: their.certData ?? null,
        certFile: their.certFile ?? null,
        keyData: their.keyData ?? null,
        keyFile: their.keyFile ?? null,
        token: their.token ?? null,
        username: their.username ?? null,
        password: their.password ?? null,
        authProvider: (their.authProvider as { name: string } | undefined)?.name ?? null,
      })
      expect(our?.impersonate?.user).toBe(their.impersonateUser)
      expect(our?.exec?.command).toBe(exec?.command)
      expect(our?.exec?.args).toEqual(exec?.args)
      expect(our?.exec?.env).toEqual(exec?.env)
    }
  })

  it('contexts', () => {
    expect(ours.currentContext).toBe(theirs.currentContext)
    expect([...ours.contexts.values()].map((entry) => ({ ...entry, namespace: entry.namespace ?? undefined }))).toEqual(
      theirs.contexts,
    )
  })
})
