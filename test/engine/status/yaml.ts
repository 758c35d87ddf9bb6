import { load } from 'js-yaml'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'

/** One object from YAML text; timestamps stay texts, as the API server sends them. */
export function fromYaml(text: string): KubeObject {
  return JSON.parse(JSON.stringify(load(text), (_key, value: unknown) => value)) as KubeObject
}
