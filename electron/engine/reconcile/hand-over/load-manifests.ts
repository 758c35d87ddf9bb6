/** The manifests that the user chose, read and checked. What was picked in a dialog is known by an id of ours: the window names no path. */
import type {
  FluxRelease,
  ManifestsChoice,
  ManifestsWays,
  PickedManifests,
} from '../../../../shared/model/hand-over.ts'
import { SluiceError, toErrorData } from '../../../../shared/model/errors.ts'
import type { KubeObject } from '../../clusters/view.ts'
import type { Ports } from '../../ports.ts'
import type { ManifestFile } from './manifests-port.ts'
import { createPickedPaths } from './picked-paths.ts'
import type { Installation } from './read-manifests.ts'
import { readManifests } from './read-manifests.ts'

export type ManifestPorts = Pick<Ports, 'fluxManifests' | 'shell' | 'codec' | 'random'>

export interface LoadedManifests {
  readonly origin: ManifestsChoice['kind']
  readonly label: string
  readonly installation: Installation
  /** `sha256:…` of the text. */
  readonly digest: string
}

export interface ManifestLoader {
  ways(signal: AbortSignal): Promise<ManifestsWays>
  pick(what: 'file' | 'folder'): Promise<PickedManifests | null>
  load(choice: ManifestsChoice, namespace: string, signal: AbortSignal): Promise<LoadedManifests>
}

const printedName = 'flux-system.yaml'
const maxKeptReleases = 4

export function createManifestLoader(ports: ManifestPorts): ManifestLoader {
  const { fluxManifests, shell, codec, random } = ports
  const picked = createPickedPaths(random)
  /** By checksum: a plan that is made again, and the beginning, download nothing. */
  const releases = new Map<string, ManifestFile>()

  async function releaseOf(release: FluxRelease, signal: AbortSignal): Promise<ManifestFile> {
    const key = `${release.version} ${release.checksum}`
    const kept = releases.get(key)
    if (kept !== undefined) return kept
    const file = await fluxManifests.download(release, signal)
    if (releases.size >= maxKeptReleases) releases.clear()
    releases.set(key, file)
    return file
  }

  async function filesOf(
    choice: ManifestsChoice,
    namespace: string,
    signal: AbortSignal,
  ): Promise<{ readonly label: string; readonly files: readonly ManifestFile[] }> {
    if (choice.kind === 'picked') {
      const path = picked.pathOf(choice.id)
      if (path === null)
        throw new SluiceError('NotFound', 'These files are not known any more', { remedy: 'Choose them again.' })
      return { label: path, files: await fluxManifests.read(path) }
    }
    if (choice.kind === 'release') {
      const file = await releaseOf(choice, signal)
      return { label: file.name, files: [file] }
    }
    const program = await fluxManifests.findProgram(signal)
    if (program === null)
      throw new SluiceError('ToolMissing', 'flux is not on the PATH of your login shell', {
        remedy: 'Install the Flux CLI, or choose other manifests.',
      })
    const text = await fluxManifests.exportFrom(program.path, namespace, signal)
    return { label: `${program.path} install --export`, files: [{ name: printedName, text }] }
  }

  return {
    async ways(signal) {
      const { releaseHost } = fluxManifests
      try {
        const found = await fluxManifests.findProgram(signal)
        return { releaseHost, program: found === null ? null : { ...found, problem: null } }
      } catch (error) {
        return { releaseHost, program: { path: 'flux', version: '', problem: toErrorData(error) } }
      }
    },
    async pick(what) {
      const [path] = await shell.pickFiles(what === 'folder' ? 'manifestsFolder' : 'manifests')
      return path === undefined ? null : picked.keep(path)
    },
    async load(choice, namespace, signal) {
      const { label, files } = await filesOf(choice, namespace, signal)
      const installation = readManifests(files, label)
      return { origin: choice.kind, label, installation, digest: `sha256:${codec.sha256Hex(installation.text)}` }
    },
  }
}

export interface OwnDefinitions {
  readonly origin: 'program' | 'release'
  readonly label: string
  readonly version: string
  readonly definitions: readonly KubeObject[]
  /** `sha256:…` of all that was read. */
  readonly digest: string
}

/**
 * Flux's own definitions: out of the release that the user asked for, else out of the user's `flux`, which is run for it; null where that cannot be asked,
 * or prints something else.
 */
export async function ownDefinitions(
  loader: ManifestLoader,
  release: FluxRelease | null,
  namespace: string,
  signal: AbortSignal,
): Promise<OwnDefinitions | null> {
  const choice = release === null ? ({ kind: 'program' } as const) : ({ kind: 'release', ...release } as const)
  try {
    const { label, installation, digest } = await loader.load(choice, namespace, signal)
    const { version, definitions } = installation
    return { origin: choice.kind, label, version, definitions, digest }
  } catch (error) {
    if (signal.aborted || release !== null || !(error instanceof SluiceError)) throw error
    return null
  }
}
