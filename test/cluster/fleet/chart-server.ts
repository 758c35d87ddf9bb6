/**
 * Stands in for every chart registry that a fleet names: an OCI registry and an http Helm repository on loopback that answer any
 * chart name and version with one small chart. Read-only.
 */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'

export interface ChartServer {
  /** 127.0.0.1:PORT, for oci:// and http:// */
  readonly host: string
  /** Every chart name that index.yaml lists, with its versions; to be filled before the first index is asked for. */
  readonly charts: Map<string, Set<string>>
  stop(): Promise<void>
}

interface Stored {
  readonly type: string
  readonly content: Buffer
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'

/** `workloads`: the chart also holds a Deployment of one replica, which needs kwok to become ready. */
export async function startChartServer({ workloads }: { workloads: boolean }): Promise<ChartServer> {
  const charts = new Map<string, Set<string>>()
  const blobs = new Map<string, Stored>()
  const store = (type: string, content: Buffer): { mediaType: string; digest: string; size: number } => {
    const digest = digestOf(content)
    blobs.set(digest, { type, content })
    return { mediaType: type, digest, size: content.length }
  }
  const manifestFor = (repository: string, tag: string): Stored => {
    const name = repository.split('/').at(-1) ?? repository
    const chart = { apiVersion: 'v2', name, version: chartVersion(tag) }
    const content = {
      schemaVersion: 2,
      mediaType: manifestType,
      config: store('application/vnd.cncf.helm.config.v1+json', Buffer.from(JSON.stringify(chart))),
      layers: [store('application/vnd.cncf.helm.chart.content.v1.tar+gzip', packChart(name, chart.version, workloads))],
    }
    const manifest = { type: manifestType, content: Buffer.from(JSON.stringify(content)) }
    blobs.set(digestOf(manifest.content), manifest)
    return manifest
  }

  const answer = (path: string, host: string): Stored | null => {
    if (path === '/v2/' || path === '/v2') return json({})
    const tags = /^\/v2\/(.+)\/tags\/list$/.exec(path)
    if (tags) return json({ name: tags[1], tags: [...(charts.get(tags[1]?.split('/').at(-1) ?? '') ?? ['1.0.0'])] })
    const object = /^\/v2\/(.+)\/(manifests|blobs)\/(.+)$/.exec(path)
    if (object) {
      const [, repository = '', , reference = ''] = object
      return reference.startsWith('sha256:') ? (blobs.get(reference) ?? null) : manifestFor(repository, reference)
    }
    if (path.endsWith('/index.yaml')) return json(helmIndex(charts, host))
    const archive = /\/([^/]+)@([^/]+)\.tgz$/.exec(path)
    if (archive) {
      const [, name = '', version = ''] = archive
      return { type: 'application/gzip', content: packChart(name, version, workloads) }
    }
    return null
  }

  const server = createServer((incoming, outgoing) => {
    const found = answer(decodeURIComponent(incoming.url?.split('?')[0] ?? '/'), incoming.headers.host ?? '')
    if (!found || (incoming.method !== 'GET' && incoming.method !== 'HEAD')) {
      return void outgoing.writeHead(found ? 405 : 404).end()
    }
    outgoing.writeHead(200, {
      'content-type': found.type,
      'content-length': found.content.length,
      'docker-content-digest': digestOf(found.content),
    })
    outgoing.end(incoming.method === 'HEAD' ? undefined : found.content)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    charts,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The tag where it is a version that Helm accepts for a chart, else 1.0.0. */
export function chartVersion(tag: string): string {
  const version = tag.replace(/^v/, '').replaceAll('_', '+')
  return /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/.test(version) ? version : '1.0.0'
}

const json = (value: unknown): Stored => ({ type: 'application/json', content: Buffer.from(JSON.stringify(value)) })
const digestOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`

function helmIndex(charts: ReadonlyMap<string, ReadonlySet<string>>, host: string): unknown {
  const entries = Object.fromEntries(
    [...charts].map(([name, versions]) => [
      name,
      [...versions].map((version) => ({
        apiVersion: 'v2',
        name,
        version,
        urls: [`http://${host}/charts/${name}@${version}.tgz`],
      })),
    ]),
  )
  return { apiVersion: 'v1', entries }
}

function packChart(name: string, version: string, workloads: boolean): Buffer {
  const deployment = `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: "{{ .Release.Name }}" }
spec:
  replicas: 1
  selector: { matchLabels: { release: "{{ .Release.Name }}" } }
  template:
    metadata: { labels: { release: "{{ .Release.Name }}" } }
    spec: { containers: [{ name: main, image: "{{ .Chart.Name }}:{{ .Chart.Version }}" }] }
`
  const objects = `apiVersion: v1
kind: ConfigMap
metadata: { name: "{{ .Release.Name }}-release" }
data: { chart: "{{ .Chart.Name }}", version: "{{ .Chart.Version }}" }
${workloads ? deployment : ''}`
  return gzipSync(
    Buffer.concat([
      tarEntry(`${name}/Chart.yaml`, `apiVersion: v2\nname: ${name}\nversion: ${version}\n`),
      tarEntry(`${name}/values.yaml`, '{}\n'),
      tarEntry(`${name}/templates/objects.yaml`, objects),
      Buffer.alloc(1024),
    ]),
  )
}

/** One regular file in ustar format; time 0, so that the digest depends on the content alone. */
function tarEntry(name: string, text: string): Buffer {
  const content = Buffer.from(text)
  const header = Buffer.alloc(512)
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`
  header.write(name, 0)
  header.write(octal(0o644, 8) + octal(0, 8) + octal(0, 8) + octal(content.length, 12) + octal(0, 12), 100)
  header.write('        0', 148)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, octet) => total + octet, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)])
}
