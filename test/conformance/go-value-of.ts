import type { GoValue } from '../../electron/engine/kustomize/yaml/go-value.ts'

/** Plain JSON as the engine holds decoded values. */
export function goValueOf(value: unknown): GoValue {
  if (Array.isArray(value)) return value.map(goValueOf)
  if (typeof value === 'object' && value !== null)
    return new Map(Object.entries(value).map(([key, item]) => [key, goValueOf(item)]))
  return value as GoValue
}
