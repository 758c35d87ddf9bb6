/** What a configured generator or transformer is to a target, whoever configured it. */
import type { ResMap } from '../resource/res-map.ts'
import type { Origin, Resource } from '../resource/resource.ts'

export type Generate = () => readonly Resource[]
export type Transform = (resources: ResMap) => void

export interface Generator {
  readonly origin: Origin | null
  readonly generate: Generate
}

export interface Transformer {
  readonly origin: Origin | null
  readonly transform: Transform
}
