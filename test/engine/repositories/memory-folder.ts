/** A folder in memory and a renderer over it: documents of `*.yaml` are what their directory renders to; `!error` fails the build. */
import type { Folders, FolderState } from '../../../electron/engine/repositories/folder-port.ts'
import type {
  RenderedObject,
  RenderedTree,
  Renderer,
  ScannedKustomization,
  TreeRender,
  TreeScan,
} from '../../../electron/engine/repositories/renderer-port.ts'
import { SluiceError } from '../../../shared/model/errors.ts'

export class MemoryFolder implements Folders, Renderer {
  readonly files = new Map<string, string>()
  readonly elsewhere = new Set<string>()
  folderState: FolderState = 'there'
  renders = 0
  isDisposed = false
  usesKeys = false
  /** Set: renders wait until it resolves. */
  gate: Promise<void> | null = null
  #onChange: ((paths: readonly string[] | null) => void) | null = null

  write(path: string, text: string | null): void {
    if (text === null) this.files.delete(path)
    else this.files.set(path, text)
    this.#onChange?.([path])
  }

  tell(paths: readonly string[] | null): void {
    this.#onChange?.(paths)
  }

  resolve(path: string): Promise<string> {
    if (path.startsWith('/')) return Promise.resolve(path)
    return Promise.reject(new SluiceError('InvalidInput', `${path} is not an absolute path`))
  }

  state(): Promise<FolderState> {
    return Promise.resolve(this.folderState)
  }

  read(_root: string, file: string): ReturnType<Folders['read']> {
    const text = this.files.get(file)
    if (text === undefined) return Promise.reject(new SluiceError('NotFound', `${file} does not exist`))
    return Promise.resolve({ bytes: new TextEncoder().encode(text), isTruncated: false })
  }

  replace(_root: string, file: string, before: string, after: string): Promise<void> {
    if (this.files.get(file) !== before)
      return Promise.reject(new SluiceError('Conflict', `${file} was changed meanwhile`))
    this.files.set(file, after)
    return Promise.resolve()
  }

  watch(_root: string, onChange: (paths: readonly string[] | null) => void): () => void {
    this.#onChange = onChange
    return () => {
      this.#onChange = null
    }
  }

  display(root: string): string {
    return root
  }

  useOwnKeys(isOn: boolean): void {
    this.usesKeys = isOn
  }

  open(): RenderedTree {
    return {
      scan: () => Promise.resolve(this.#scan()),
      render: (key, signal) => this.#render(key, signal),
      changed: (paths) =>
        Promise.resolve({
          isScanStale: paths === null || paths.some((path) => !this.files.has(path) || this.#scan().files.length === 0),
          keys: this.#scan()
            .kustomizations.filter(({ path }) => paths === null || paths.some((file) => file.startsWith(`${path}/`)))
            .map(({ key }) => key),
        }),
      dispose: () => {
        this.isDisposed = true
      },
    }
  }

  #directories(): string[] {
    return [
      ...new Set([...this.files.keys()].filter((file) => file.includes('/')).map((file) => file.split('/')[0] ?? '')),
    ]
  }

  #scan(): TreeScan {
    if (this.folderState !== 'there') throw new Error('gone')
    const directories = this.#directories().sort()
    return {
      kustomizations: directories.map((name): ScannedKustomization => ({
        key: `flux|flux/${name}.yaml|flux-system/${name}`,
        namespace: 'flux-system',
        name,
        file: `${name}/sync.yaml`,
        line: 1,
        path: name,
        targetNamespace: '',
        isSuspended: false,
        sourceRef: 'GitRepository/flux-system/fleet',
        dependsOn: [],
        elsewhere: this.elsewhere.has(name) ? 'Its source is another repository' : '',
      })),
      files: directories.map((name) => ({
        key: `build|${name}`,
        file: `${name}/kustomization.yaml`,
        directory: name,
        isComponent: false,
        isRoot: false,
      })),
      edges: directories.map((name) => ({
        from: `flux|flux/${name}.yaml|flux-system/${name}`,
        to: `build|${name}`,
        relation: 'path' as const,
      })),
      problems: [],
    }
  }

  async #render(key: string, signal: AbortSignal): Promise<TreeRender> {
    this.renders += 1
    await this.gate
    signal.throwIfAborted()
    const name = key.startsWith('build|') ? key.slice('build|'.length) : (key.split('/').at(-1) ?? '')
    const objects: RenderedObject[] = []
    let error: TreeRender['error'] = null
    for (const [file, text] of [...this.files].sort())
      if (file.startsWith(`${name}/`))
        text.split('---\n').forEach((yaml) => {
          if (yaml.startsWith('!error'))
            error = { code: 'InvalidYaml', message: `${file}: bad`, remedy: '', file, line: 1 }
          else if (yaml !== '')
            objects.push({ ...named(yaml), yaml, origin: { file, line: 1, isGenerated: false }, sensitive: [] })
        })
    return {
      key,
      objects: error === null ? objects : [],
      digest: null,
      durationMs: 1,
      warnings: [],
      assumptions: [],
      error,
    }
  }
}

function named(yaml: string): Pick<RenderedObject, 'apiVersion' | 'kind' | 'namespace' | 'name'> {
  const field = (name: string): string => new RegExp(`^ *${name}: (.*)$`, 'm').exec(yaml)?.[1] ?? ''
  return { apiVersion: field('apiVersion'), kind: field('kind'), namespace: field('namespace'), name: field('name') }
}

/** A ConfigMap as the emitter writes it. */
export function configMap(name: string, data: Readonly<Record<string, string>>, kind = 'ConfigMap'): string {
  const entries = Object.entries(data).map(([key, value]) => `  ${key}: ${value}\n`)
  return `apiVersion: v1\ndata:\n${entries.join('')}kind: ${kind}\nmetadata:\n  name: ${name}\n  namespace: apps\n`
}
