/** A forest as the flat list of rows that a treegrid shows: levels, guides and set positions. Pure. */

export interface TreeItem {
  readonly id: string
  /** null: a root. A parent that is not among the items makes a root, too. */
  readonly parent: string | null
}

export interface TreeRow<T extends TreeItem> {
  readonly item: T
  /** 1 for roots. */
  readonly level: number
  readonly isExpandable: boolean
  readonly isExpanded: boolean
  readonly position: number
  readonly setSize: number
  /** One per ancestor level below the roots and for the row itself: does a line run on below at that level. */
  readonly guides: readonly boolean[]
}

/** Children of each item in the order of `items`; key '' holds the roots. Items on a parent cycle hang below no root: they become roots. */
export function childrenOf<T extends TreeItem>(items: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const byId = new Map(items.map((item) => [item.id, item]))
  const children = new Map<string, T[]>()
  const rooted = new Map<string, boolean>()
  const hasRoot = (item: T): boolean => {
    const path: string[] = []
    let at: T | undefined = item
    let answer = true
    while (at !== undefined) {
      const known = rooted.get(at.id)
      if (known !== undefined) {
        answer = known
        break
      }
      if (path.includes(at.id)) {
        answer = false
        break
      }
      path.push(at.id)
      at = at.parent === null ? undefined : byId.get(at.parent)
    }
    for (const id of path) rooted.set(id, answer)
    return answer
  }
  for (const item of items) {
    const isRoot = item.parent === null || !byId.has(item.parent) || !hasRoot(item)
    const key = isRoot ? '' : (item.parent ?? '')
    const list = children.get(key)
    if (list === undefined) children.set(key, [item])
    else list.push(item)
  }
  return children
}

/** The rows on the screen: roots and what hangs below expanded rows, depth first. */
export function visibleRows<T extends TreeItem>(
  items: readonly T[],
  isExpanded: (item: T) => boolean,
): readonly TreeRow<T>[] {
  const children = childrenOf(items)
  const rows: TreeRow<T>[] = []
  const walk = (list: readonly T[], level: number, guides: readonly boolean[]): void => {
    list.forEach((item, index) => {
      const below = children.get(item.id) ?? []
      const isLast = index === list.length - 1
      const own = level === 1 ? guides : [...guides, !isLast]
      const isOpen = below.length > 0 && isExpanded(item)
      rows.push({
        item,
        level,
        isExpandable: below.length > 0,
        isExpanded: isOpen,
        position: index + 1,
        setSize: list.length,
        guides: own,
      })
      if (isOpen) walk(below, level + 1, own)
    })
  }
  walk(children.get('') ?? [], 1, [])
  return rows
}

export type TreeMove<T extends TreeItem> =
  { readonly to: number } | { readonly toggle: T; readonly isExpanded: boolean } | { readonly open: T } | null

/** What a key means at row `at`: the treegrid pattern (arrows, Home, End, Page keys, Enter), and j and k. `page` is in rows. */
export function moveOf<T extends TreeItem>(
  rows: readonly TreeRow<T>[],
  at: number,
  key: string,
  page: number,
): TreeMove<T> {
  const last = rows.length - 1
  const row = rows[at]
  if (row === undefined) return last >= 0 ? { to: 0 } : null
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return { to: Math.min(last, at + 1) }
    case 'ArrowUp':
    case 'k':
      return { to: Math.max(0, at - 1) }
    case 'PageDown':
      return { to: Math.min(last, at + page) }
    case 'PageUp':
      return { to: Math.max(0, at - page) }
    case 'Home':
      return { to: 0 }
    case 'End':
      return { to: last }
    case 'ArrowRight':
      if (!row.isExpandable) return null
      return row.isExpanded ? { to: at + 1 } : { toggle: row.item, isExpanded: true }
    case 'ArrowLeft': {
      if (row.isExpanded) return { toggle: row.item, isExpanded: false }
      const parent = rows.slice(0, at).findLastIndex((above) => above.level < row.level)
      return parent === -1 ? null : { to: parent }
    }
    case 'Enter':
      return { open: row.item }
    default:
      return null
  }
}
