/** What the playground's commits change in its files. Pure; the files are those of assets/samples/repository. */

type Files = ReadonlyMap<string, string>

const deployment = 'apps/web/deployment.yaml'
const greeting = 'apps/web/greeting.yaml'
const list = 'apps/web/kustomization.yaml'
const missingLine = '  - ingress.yaml\n'
/** What the edit by hand sets. */
export const editedReplicas = 5

export function nextVersion(files: Files): string {
  const [, minor = '0'] = /web:1\.(\d+)\.0/.exec(files.get(deployment) ?? '') ?? []
  return `1.${Number(minor) + 1}.0`
}

export function releaseVersion(files: Files, version: string): Files {
  return changed(files, [deployment, greeting], (text) => text.replaceAll(/\b1\.\d+\.0\b/g, version))
}

export function replicasOf(files: Files): number {
  return Number(/^ {2}replicas: (\d+)$/m.exec(files.get(deployment) ?? '')?.[1] ?? 1)
}

export function isBuildBroken(files: Files): boolean {
  return files.get(list)?.includes(missingLine) === true
}

export function breakBuild(files: Files): Files {
  return changed(files, [list], (text) => text + missingLine)
}

export function mendBuild(files: Files): Files {
  return changed(files, [list], (text) => text.replaceAll(missingLine, ''))
}

function changed(files: Files, paths: readonly string[], change: (text: string) => string): Files {
  return new Map([...files].map(([path, text]) => [path, paths.includes(path) ? change(text) : text]))
}
