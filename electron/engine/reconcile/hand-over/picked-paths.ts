/** SECURITY: item 7: what was picked in a native dialog is known to the window by an id of ours: it names no path. */
import type { PickedManifests } from '../../../../shared/model/hand-over.ts'
import type { Random } from '../../ports.ts'

export interface PickedPaths {
  keep(path: string): PickedManifests
  /** null: none, or forgotten. */
  pathOf(id: string): string | null
}

const maxPicked = 32

export function createPickedPaths(random: Random): PickedPaths {
  const picked = new Map<string, string>()
  return {
    keep(path) {
      const id = random.uuid()
      if (picked.size >= maxPicked) picked.clear()
      picked.set(id, path)
      return { id, label: path }
    },
    pathOf: (id) => picked.get(id) ?? null,
  }
}
