/** What `spec.proxySecretRef` comes to: the controller's words for a Secret that it refuses. Semantics: fluxcd/pkg runtime/secrets, proxy URL. */

const maxAddress = 2048
const controllersSchemes = ['http', 'https', 'socks5']

/** Why the controller cannot use it, null where it can. `title`: `namespace/name`; `data` null: there is no such Secret. */
export function proxyProblem(title: string, data: ReadonlyMap<string, string> | null): string | null {
  const secret = `secret '${title}'`
  if (data === null) return `${secret} not found`
  const address = data.get('address')
  if (address === undefined) return `${secret}: key 'address' not found`
  if (address === '') return `${secret}: proxy address is empty`
  if (address.length > maxAddress) return `${secret}: proxy URL exceeds maximum length of ${maxAddress} characters`
  const scheme = schemeOf(address)
  if (scheme === '' && /^[^/]*:/.test(address))
    return `${secret}: failed to parse proxy address '${address}': parse ${JSON.stringify(address)}: first path segment in URL cannot contain colon`
  if (!controllersSchemes.includes(scheme))
    return `${secret}: proxy URL must use one of the supported schemes (${controllersSchemes.join(', ')}), got '${scheme}'`
  return null
}

/** Why the controller may get through where this machine would not; null: both do. For a Secret without a `proxyProblem`. */
export function unspokenProxy(title: string, data: ReadonlyMap<string, string> | null, url: string): string | null {
  const scheme = schemeOf(data?.get('address') ?? '')
  if (scheme === 'socks5')
    return `Its proxy (Secret ${title}) is SOCKS5, which Sluice does not speak: use an http proxy.`
  if (schemeOf(url) === 'ssh')
    return `It is read by ssh through a proxy (Secret ${title}), which Sluice does not do: use https.`
  return null
}

/** In lower case; '' where there is none. */
function schemeOf(address: string): string {
  return (/^([a-z][a-z0-9+.-]*):/i.exec(address)?.[1] ?? '').toLowerCase()
}
