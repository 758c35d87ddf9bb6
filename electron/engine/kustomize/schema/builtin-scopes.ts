/** Which builtin kinds have a namespace: the table that upstream consults before any schema. */
import { scopes } from './builtin-schema-data.ts'

let table: ReadonlyMap<string, boolean> | null = null

/** True if namespaced, false if cluster-scoped, undefined for a kind that the table does not hold. */
export function scopeOf(apiVersion: string, kind: string): boolean | undefined {
  table ??= readTable()
  return table.get(`${apiVersion} ${kind}`)
}

function readTable(): ReadonlyMap<string, boolean> {
  const result = new Map<string, boolean>()
  for (const line of scopes.trim().split('\n')) {
    const space = line.indexOf(' ')
    const apiVersion = line.slice(1, space)
    for (const kind of line.slice(space + 1).split(',')) result.set(`${apiVersion} ${kind}`, line.startsWith('+'))
  }
  return result
}
