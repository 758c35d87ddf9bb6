/**
 * One copy of each string that many rows share: 20,000 rows name a few hundred namespaces, sources and messages. On either side of the wire:
 * what comes out of a message has a copy of its own of everything.
 */
import type { ObjectRef } from '../model/identity.ts'
import type { FluxRow } from '../model/rows.ts'

const maxLength = 256
const maxStrings = 50_000

export class StringPool {
  #pool = new Map<string, string>()

  one<T extends string>(text: T): T {
    if (text.length > maxLength) return text
    const known = this.#pool.get(text)
    if (known !== undefined) return known as T
    if (this.#pool.size >= maxStrings) this.#pool = new Map()
    this.#pool.set(text, text)
    return text
  }

  row(row: FluxRow): FluxRow {
    const { status, source } = row
    return {
      ...row,
      ref: this.#ref(row.ref),
      version: this.one(row.version),
      category: this.one(row.category),
      status: {
        ...status,
        word: this.one(status.word),
        reason: this.one(status.reason),
        message: this.one(status.message),
      },
      source:
        source === null
          ? null
          : {
              kind: this.one(source.kind),
              group: this.one(source.group),
              namespace: this.one(source.namespace),
              name: this.one(source.name),
            },
      revision: this.one(row.revision),
      parent: row.parent === null ? null : this.#ref(row.parent),
      dependsOn: row.dependsOn.length === 0 ? none : row.dependsOn,
      blockedBy: row.blockedBy.length === 0 ? none : row.blockedBy,
      columns: isEmpty(row.columns) ? noColumns : row.columns,
    }
  }

  #ref({ cluster, group, kind, namespace, name }: ObjectRef): ObjectRef {
    return {
      cluster: this.one(cluster),
      group: this.one(group),
      kind: this.one(kind),
      namespace: this.one(namespace),
      name,
    }
  }
}

const none: readonly never[] = Object.freeze([])
const noColumns: Readonly<Record<string, string>> = Object.freeze({})

function isEmpty(record: Readonly<Record<string, string>>): boolean {
  for (const _ in record) return false
  return true
}
