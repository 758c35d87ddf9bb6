import { describe, expect, it } from 'vitest'
import {
  refuseOnReadOnly,
  refuseTunnelBytes,
  refuseTunnelOnReadOnly,
} from '../../../electron/adapters/kube/read-only-rule.ts'

const ks = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations'

function verdict(line: string): string | null {
  const [method = '', path = '', body] = line.split(' ')
  return refuseOnReadOnly({ method, path, hasBody: body !== undefined })
}

describe('SECURITY 12: what may leave a read-only context', () => {
  it.each([
    'GET /',
    'GET /version',
    'GET /api',
    'GET /apis/apps/v1',
    'GET /openapi/v3/apis/apps/v1?hash=ABC',
    'GET /api/v1/pods?limit=500&watch=true&allowWatchBookmarks=true&fieldSelector=metadata.name%3Dx',
    `GET ${ks}/apps`,
    'GET /api/v1/namespaces/a/pods/proxy',
    'GET /api/v1/namespaces/proxy/pods',
    'GET /api/v1/namespaces/a/pods/p/log?follow=true&container=exec',
    'GET /api/v1/namespaces/a/pods/p/status',
    'GET /api/v1/namespaces/a/status',
    'GET /apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode',
    'GET /api/v1/secrets?continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ%3D%3D',
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews body',
    'POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews body',
    'POST /apis/authorization.k8s.io/v1/namespaces/a/localsubjectaccessreviews body',
    'POST /apis/authentication.k8s.io/v1/selfsubjectreviews body',
    `PATCH ${ks}/apps?dryRun=All&fieldManager=sluice&force=true body`,
    `POST ${ks}?dryRun=All body`,
    `PUT ${ks}/apps/status?dryRun=All body`,
    `DELETE ${ks}/apps?dryRun=All`,
  ])('lets out %s', (line) => {
    expect(verdict(line)).toBeNull()
  })

  it.each([
    // plain writes
    `PATCH ${ks}/apps body`,
    `POST ${ks} body`,
    `PUT ${ks}/apps body`,
    `DELETE ${ks}/apps`,
    // case tricks
    `get ${ks}/apps`,
    `Patch ${ks}/apps?dryRun=All body`,
    `PATCH ${ks}/apps?dryrun=All body`,
    `PATCH ${ks}/apps?DRYRUN=All body`,
    `PATCH ${ks}/apps?dryRun=all body`,
    `PATCH ${ks}/apps?dryRun=ALL body`,
    // duplicated, empty, encoded, hidden parameters
    `PATCH ${ks}/apps?dryRun=All&dryRun=All body`,
    `PATCH ${ks}/apps?dryRun=All&dryRun= body`,
    `PATCH ${ks}/apps?dryRun=All&dryRun body`,
    `PATCH ${ks}/apps?dryRun=&dryRun=All body`,
    `PATCH ${ks}/apps?dryRun=All&dryrun=None body`,
    `PATCH ${ks}/apps?dryRun=All&d%72yRun= body`,
    `PATCH ${ks}/apps?d%72yRun=All body`,
    `PATCH ${ks}/apps?dryRun=%41ll body`,
    `PATCH ${ks}/apps?dryRun=All+ body`,
    `PATCH ${ks}/apps?dryRun=All; body`,
    `PATCH ${ks}/apps?x=1;dryRun=All body`,
    `PATCH ${ks}/apps?dryRun=All;x=1 body`,
    `PATCH ${ks}/apps?dryRun=All#x body`,
    `PATCH ${ks}/apps#?dryRun=All body`,
    `PATCH ${ks}/apps?x=%&dryRun=All body`,
    `PATCH ${ks}/apps?x=%zz&dryRun=All body`,
    `PATCH ${ks}/apps?fieldManager=dryRun=All body`,
    `PATCH ${ks}/apps%3FdryRun=All body`,
    `PATCH ${ks}/apps?dryRun=All\u0000 body`,
    `PATCH ${ks}/apps?dryRun=All\r\nx body`,
    // options of a DELETE come from its body
    `DELETE ${ks}/apps?dryRun=All body`,
    // what only looks like an access review
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews/x body',
    'POST /apis/authorization.k8s.io/v1/SelfSubjectAccessReviews body',
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews/ body',
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews?x=1 body',
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews? body',
    'POST /apis/authorization.k8s.io/v1/subjectaccessreviews body',
    'POST /apis/evil.example/v1/selfsubjectaccessreviews body',
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews/../../../../api/v1/namespaces body',
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews/%2e%2e/x body',
    'POST /x/../apis/authorization.k8s.io/v1/selfsubjectaccessreviews body',
    'POST //apis/authorization.k8s.io/v1/selfsubjectaccessreviews body',
    'POST /api/v1/namespaces/a/pods/x%2fapis%2fselfsubjectreviews body',
    'PUT /apis/authorization.k8s.io/v1/selfsubjectaccessreviews body',
    // connect subresources, whatever the method or the dry run
    'GET /api/v1/namespaces/a/pods/p/exec?command=sh&stdout=true',
    'GET /api/v1/namespaces/a/pods/p/attach',
    'GET /api/v1/namespaces/a/pods/p/portforward?ports=80',
    'GET /api/v1/namespaces/a/pods/p/proxy',
    'GET /api/v1/namespaces/a/pods/p/proxy/admin?delete=1',
    'GET /api/v1/namespaces/a/services/https:s:443/proxy/reset',
    'GET /api/v1/nodes/n/proxy/run/a/p/c',
    'GET /api/v1/proxy/namespaces/a/services/s',
    'GET /api/v1/watch/pods',
    'GET /api/v1/namespaces/a/pods/p/Proxy',
    'GET /api/v1/namespaces/a/pods/p/%70roxy',
    'GET /api/v1/namespaces/a/pods/p%2fproxy',
    'GET /api/v1/namespaces/a/pods/p%252fproxy',
    'GET /api/v1/namespaces/a/pods/x/../p/proxy',
    'GET /api/v1/namespaces/a/pods/./p/proxy',
    'GET /api/v1/namespaces/a/pods//p/proxy',
    'GET /api/v1/namespaces/a/pods/p\\proxy',
    'GET /apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachineinstances/v/console',
    'POST /api/v1/namespaces/a/pods/p/exec?dryRun=All body',
    'POST /api/v1/namespaces/a/pods/p/proxy/x?dryRun=All body',
    'POST /api/v1/namespaces/a/pods/p/eviction?dryRun=All body',
    'POST /api/v1/namespaces/a/pods/p/binding?dryRun=All body',
    'POST /api/v1/namespaces/a/serviceaccounts/s/token?dryRun=All body',
    // not the Kubernetes API at all
    'GET /k8s/clusters/other/api/v1/pods',
    'GET /logs/kube-apiserver.log',
    'GET api/v1/pods',
    'GET http://elsewhere/api/v1/pods',
    'GET /api/v1/pods body',
    'CONNECT /api/v1/pods',
    'TRACE /api/v1/pods',
    ' /api/v1/pods',
  ])('holds back %s', (line) => {
    expect(verdict(line)).not.toBeNull()
  })
})

describe('port-forwards of a read-only context', () => {
  it('are the upgrade for one port of a pod, nothing else', () => {
    expect(refuseTunnelOnReadOnly('/api/v1/namespaces/a/pods/b/portforward?ports=9090')).toBeNull()
    for (const path of [
      '/api/v1/namespaces/a/pods/b/portforward',
      '/api/v1/namespaces/a/pods/b/portforward?ports=1&ports=2',
      '/api/v1/namespaces/a/pods/b/portforward?ports=0',
      '/api/v1/namespaces/a/pods/b/portforward?ports=1?x',
      '/api/v1/namespaces/a/pods/b/exec?ports=1',
      '/api/v1/namespaces/a/pods/b/../c/portforward?ports=1',
      '/api/v1/namespaces/a/pods/b%2f..%2fc/portforward?ports=1',
      '/api/v1/namespaces/a/services/b/portforward?ports=1',
      '/api/v1/nodes/a/proxy/portforward?ports=1',
    ])
      expect(refuseTunnelOnReadOnly(path), path).not.toBeNull()
  })

  it('carry one plain GET', () => {
    const verdictOf = (text: string, isFirst = true): string | null => refuseTunnelBytes(Buffer.from(text), isFirst)
    expect(verdictOf('GET /a.tar.gz?b=c HTTP/1.1\r\nHost: localhost:9090\r\nAccept: */*\r\n\r\n')).toBeNull()
    for (const text of [
      '',
      'GET / HTTP/1.1\r\n',
      'GET / HTTP/1.0\r\n\r\n',
      'get / HTTP/1.1\r\n\r\n',
      'POST / HTTP/1.1\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\nDELETE / HTTP/1.1\r\n\r\n',
      'GET / HTTP/1.1\nDELETE / HTTP/1.1\r\n\r\n',
      'GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\n',
      'GET / HTTP/1.1\r\ntransfer-encoding : chunked\r\n\r\n',
      'GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n',
      'GET / HTTP/1.1\r\nX-HTTP-Method-Override: DELETE\r\n\r\n',
      'GET / HTTP/1.1\r\n folded: x\r\n\r\n',
    ])
      expect(verdictOf(text), JSON.stringify(text)).not.toBeNull()
    expect(verdictOf('GET / HTTP/1.1\r\n\r\n', false)).not.toBeNull()
  })
})
