/** The settings of a connection that `spec.kubeConfig` asks for: what the strict reader lets through, and nothing of the user's own. */
import { SluiceError } from '../../../shared/model/errors.ts'
import { hostOfUrl } from '../../engine/source/consents.ts'
import { checkCertificates, checkKeyPair } from './context-settings.ts'
import type { ContextSettings } from './context-settings.ts'
import { parseForeignKubeconfig } from './foreign-kubeconfig.ts'

/** `host` is `host:port`. Throws as parseForeignKubeconfig does, ContextInvalid also for certificates that are none. */
export function readForeignContext(
  text: string,
  label: string,
): { readonly settings: ContextSettings; readonly host: string } {
  const foreign = parseForeignKubeconfig(text, label)
  const invalid = (what: string): SluiceError =>
    new SluiceError('ContextInvalid', `${label}: Kubeconfig from the cluster: ${what}`, {
      remedy: 'Correct the Secret that holds it.',
    })
  const ca = toBuffer(foreign.caPem)
  const cert = toBuffer(foreign.clientCertificatePem)
  const key = toBuffer(foreign.clientKeyPem)
  if (ca !== null) checkCertificates(ca, () => invalid('certificate-authority-data holds no PEM certificate'))
  checkKeyPair(cert, key, invalid)
  const host = hostOfUrl(foreign.server)
  if (host === null) throw invalid('cluster.server names no host')
  const server = new URL(foreign.server)
  // SECURITY: item 10: no proxy, no exec plugin, no file, no impersonation, TLS always verified, whatever the text says.
  const settings: ContextSettings = {
    contextName: label,
    userName: '',
    userFile: '',
    clusterName: '',
    server,
    pathPrefix: server.pathname.replace(/\/+$/, ''),
    tlsServerName: foreign.tlsServerName,
    isInsecure: false,
    proxy: null,
    isCompressionOff: false,
    ca,
    cert,
    key,
    token: foreign.token,
    tokenFile: null,
    basic: null,
    impersonate: null,
    exec: null,
    execConfig: undefined,
  }
  return { settings, host }
}

function toBuffer(pem: string | null): Buffer | null {
  return pem === null ? null : Buffer.from(pem, 'latin1')
}
