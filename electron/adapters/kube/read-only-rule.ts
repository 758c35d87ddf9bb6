/**
 * What may leave on a read-only context (security.md 10 and 12). Works on the request exactly as it would be sent; everything
 * that is not provably a read, an access review or a dry run is refused, because servers and proxies normalise paths differently.
 */

export interface OutgoingRequest {
  readonly method: string
  /** Path with query, without the server URL's own prefix. */
  readonly path: string
  readonly hasBody: boolean
}

const accessReviews: readonly (readonly (string | RegExp)[])[] = [
  ['apis', 'authorization.k8s.io', /^v1(beta1)?$/, 'selfsubjectaccessreviews'],
  ['apis', 'authorization.k8s.io', /^v1(beta1)?$/, 'selfsubjectrulesreviews'],
  ['apis', 'authorization.k8s.io', /^v1(beta1)?$/, 'namespaces', /./, 'localsubjectaccessreviews'],
  ['apis', 'authentication.k8s.io', /^v1((alpha|beta)1)?$/, 'selfsubjectreviews'],
]

/** First segments of the paths outside of /api and /apis that only tell about the server. */
const serverPaths = new Set(['version', 'healthz', 'livez', 'readyz', 'metrics', 'openapi', '.well-known'])

/** Subresources that are data. All others (proxy, exec, attach, portforward, a virtual machine's console …) may reach workloads. */
const readableSubresources = new Set(['status', 'scale', 'log'])
const dryRunSubresources = new Set(['status', 'scale'])

/** Null when the request may leave a read-only context, else the reason as half a sentence ("PATCH is a write"). */
export function refuseOnReadOnly(request: OutgoingRequest): string | null {
  // SECURITY: item 12: read-only contexts let only GET, access reviews and dryRun=All out; decided below the engine.
  const cut = request.path.indexOf('?')
  const rawPath = cut < 0 ? request.path : request.path.slice(0, cut)
  const rawQuery = cut < 0 ? null : request.path.slice(cut + 1)
  const segments = parseSegments(rawPath)
  if (segments === null) return 'its path is not in plain form'
  const query = parseQuery(rawQuery)
  if (query === null) return 'its query is not in plain form'

  switch (request.method) {
    case 'GET':
    case 'HEAD':
      if (request.hasBody) return `${request.method} with a body`
      return refuseRead(segments)
    case 'POST':
      if (rawQuery === null && accessReviews.some((pattern) => matches(pattern, segments))) return null
      return refuseWrite(request, segments, query)
    case 'PUT':
    case 'PATCH':
    case 'DELETE':
      return refuseWrite(request, segments, query)
    default:
      return 'its method is not one that reads'
  }
}

/**
 * The one port-forward that may leave a read-only context: the upgrade of a GET on a pod's portforward, for one port. Null when `path` is that.
 * SECURITY: item 12: the upgrade by itself changes nothing in the cluster; what goes through it is held by `refuseTunnelBytes`.
 */
export function refuseTunnelOnReadOnly(path: string): string | null {
  const [rawPath = '', query, ...more] = path.split('?')
  const segments = parseSegments(rawPath)
  if (segments === null) return 'its path is not in plain form'
  const isPort = query !== undefined && more.length === 0 && /^ports=[1-9][0-9]{0,4}$/.test(query)
  const pattern = ['api', 'v1', 'namespaces', /./, 'pods', /./, 'portforward']
  return isPort && matches(pattern, segments) ? null : 'this is no port-forward to one port of a pod'
}

/**
 * What may be sent through a port-forward of a read-only context: one HTTP GET without a body, whole, and nothing after it: whatever listens
 * there is read, as with every other request. Null when `bytes` may go.
 */
export function refuseTunnelBytes(bytes: Uint8Array, isFirst: boolean): string | null {
  if (!isFirst) return 'only one request goes through a port-forward'
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const head = /^GET \/[\u0021-\u007e]* HTTP\/1\.1\r\n((?:[A-Za-z0-9-]+:[^\r\n\0]*\r\n)*)\r\n$/.exec(text)
  if (head === null) return 'only an HTTP GET goes through a port-forward'
  return /^(?:content-length|transfer-encoding|upgrade|expect|x-http-method[a-z-]*|x-method-override)\s*:/im.test(
    head[1]!,
  )
    ? 'only a plain GET without a body goes through a port-forward'
    : null
}

function refuseRead(segments: readonly string[]): string | null {
  const [root] = segments
  if (root === undefined || serverPaths.has(root)) return null
  if (root !== 'api' && root !== 'apis') return 'its path is not part of the Kubernetes API'
  const resource = parseResource(segments)
  if (resource === null) return 'its path is not that of a resource'
  if (resource.subresource !== null && !readableSubresources.has(resource.subresource))
    return `subresource ${resource.subresource.slice(0, 40)} may reach into workloads`
  return null
}

function refuseWrite(
  request: OutgoingRequest,
  segments: readonly string[],
  query: readonly (readonly [string, string])[],
): string | null {
  const dryRuns = query.filter(([key]) => key.toLowerCase() === 'dryrun')
  const [only] = dryRuns
  if (dryRuns.length !== 1 || only === undefined || only[0] !== 'dryRun' || only[1] !== 'All')
    return `${request.method} without dryRun=All is a write`
  // The API server takes the options of a DELETE from its body where there is one, and then ignores the query.
  if (request.method === 'DELETE' && request.hasBody) return 'DELETE with a body may not be a dry run'
  const resource = parseResource(segments)
  if (resource === null || resource.plural === null) return 'its path is not that of a resource'
  if (resource.subresource !== null && !dryRunSubresources.has(resource.subresource))
    return `subresource ${resource.subresource.slice(0, 40)} does not know dry runs`
  return null
}

interface ResourcePath {
  /** Null: discovery (`/apis`, `/apis/group`, `/apis/group/version`). */
  readonly plural: string | null
  readonly subresource: string | null
}

/** Reads `/api/V/…` and `/apis/G/V/…`; null where the path has more parts than a subresource has, or is a legacy watch or proxy path. */
function parseResource(segments: readonly string[]): ResourcePath | null {
  const skip = segments[0] === 'api' ? 2 : segments[0] === 'apis' ? 3 : 0
  if (skip === 0) return null
  let rest = segments.slice(skip)
  if (rest.length === 0) return { plural: null, subresource: null }
  if (rest[0] === 'watch' || rest[0] === 'proxy' || rest[0] === 'redirect') return null
  // `namespaces/NAME/status` and `/finalize` are subresources of the namespace, everything else is a resource in it.
  const isNamespaceOwn = rest.length === 3 && (rest[2] === 'status' || rest[2] === 'finalize')
  if (rest[0] === 'namespaces' && rest.length >= 3 && !isNamespaceOwn) rest = rest.slice(2)
  if (rest.length > 3) return null
  return { plural: rest[0] ?? null, subresource: rest[2] ?? null }
}

/** Decoded segments; null for anything that another reader could read differently: empty or dot segments, encoded slashes or dots. */
function parseSegments(path: string): readonly string[] | null {
  if (!/^\/[A-Za-z0-9\-._~!$&'()*+,=:@%/]*$/.test(path)) return null
  if (path === '/') return []
  const segments: string[] = []
  for (const raw of path.slice(1).split('/')) {
    const decoded = decode(raw)
    if (decoded === null || decoded === '' || decoded === '.' || decoded === '..') return null
    // `%25` would decode once more behind a proxy; `%2e` is a dot that nobody has to encode.
    if (/[/\\%]/.test(decoded) || hasControl(decoded) || /%2e/i.test(raw)) return null
    segments.push(decoded)
  }
  return segments
}

function parseQuery(query: string | null): readonly (readonly [string, string])[] | null {
  if (query === null || query === '') return []
  // Go drops pairs with a semicolon and, like many, pairs that do not decode: a dropped dryRun would be a real write.
  if (!/^[A-Za-z0-9\-._~!$'()*+,=:@%/?&[\]]*$/.test(query)) return null
  const pairs: (readonly [string, string])[] = []
  for (const pair of query.split('&')) {
    const cut = pair.indexOf('=')
    const rawKey = cut < 0 ? pair : pair.slice(0, cut)
    const key = decode(rawKey.replaceAll('+', ' '))
    const value = decode((cut < 0 ? '' : pair.slice(cut + 1)).replaceAll('+', ' '))
    if (key === null || value === null) return null
    if (key.toLowerCase().includes('dryrun') && pair !== 'dryRun=All') return null
    pairs.push([key, value])
  }
  return pairs
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

function hasControl(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f]/.test(text)
}

function matches(pattern: readonly (string | RegExp)[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, i) => {
      const segment = segments[i] ?? ''
      return typeof part === 'string' ? part === segment : part.test(segment)
    })
  )
}
