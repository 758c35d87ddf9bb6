/** One copy of each string that many rows share: 20,000 rows name a few hundred namespaces, sources and messages. */
import type { FluxRow } from '../../../shared/model/rows.ts'

const maxLength = 256
const maxStrings = 50_000

export class StringPool {
  #pool = new Map<string, string>()

  one(text: string): string {
    if (text.length > maxLength) return text
    const known = this.#pool.get(text)
    if (known !== undefined) return known
    if (this.#pool.size >= maxStrings) this.#pool = new Map()
    this.#pool.set(text, text)
    return text
  }

  row(row: FluxRow): FluxRow {
    const { ref, status, source } = row
    return {
      ...row,
      ref: {
        cluster: this.one(ref.cluster),
        group: this.one(ref.group),
        kind: this.one(ref.kind),
        namespace: this.one(ref.namespace),
        name: ref.name,
      },
      version: this.one(row.version),
      status: { ...status, reason: this.one(status.reason), message: this.one(status.message) },
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
      dependsOn: row.dependsOn.length === 0 ? none : row.dependsOn,
      blockedBy: row.blockedBy.length === 0 ? none : row.blockedBy,
      columns: isEmpty(row.columns) ? noColumns : row.columns,
    }
  }
}

const none: readonly never[] = Object.freeze([])
const noColumns: Readonly<Record<string, string>> = Object.freeze({})

function isEmpty(record: Readonly<Record<string, string>>): boolean {
  for (const _ in record) return false
  return true
}
