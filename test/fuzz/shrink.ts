/** Makes a differing case small: fewer files, then fewer documents, blocks and lines, as long as it still differs in the same way. */
import type { FuzzCase } from './generate-case.ts'

type Test = (candidate: FuzzCase) => Promise<boolean>

/** At most `budget` candidates are tried. */
export async function shrinkCase(found: FuzzCase, stillDiffers: Test, budget = 600): Promise<FuzzCase> {
  let left = budget
  let best = found
  const attempt = async (candidate: FuzzCase): Promise<boolean> => {
    if (left <= 0) return false
    left -= 1
    if (!(await stillDiffers(candidate))) return false
    best = candidate
    return true
  }
  for (let before = -1; before !== sizeOf(best) && left > 0;) {
    before = sizeOf(best)
    if (best.args.length > 2) await attempt({ ...best, args: ['--reorder', 'none'] })
    for (const path of [...best.files.keys()]) {
      const files = new Map(best.files)
      files.delete(path)
      await attempt({ ...best, files: withoutMentions(files, path) })
    }
    for (const path of [...best.files.keys()].sort((a, b) => rank(a) - rank(b))) await shrinkFile(path)
  }
  return best

  async function shrinkFile(path: string): Promise<void> {
    let index = 0
    while (left > 0) {
      const lines = (best.files.get(path) ?? '').split('\n')
      if (index >= lines.length) return
      const end = blockEnd(lines, index)
      const candidates = end > index + 1 ? [end, index + 1] : [end]
      let isShorter = false
      for (const cut of candidates) {
        const text = [...lines.slice(0, index), ...lines.slice(cut)].join('\n')
        if (text === best.files.get(path)) continue
        isShorter = await attempt({ ...best, files: new Map(best.files).set(path, text) })
        if (isShorter) break
      }
      if (!isShorter) index += 1
    }
  }
}

/** Kustomization files first: what they no longer name can go. */
function rank(path: string): number {
  return /kustomization\.ya?ml$|Kustomization$/.test(path) ? 0 : 1
}

function sizeOf(one: FuzzCase): number {
  let size = one.args.length
  for (const text of one.files.values()) size += text.length + 1
  return size
}

/** Removes the lines that name a removed file. */
function withoutMentions(files: Map<string, string>, path: string): Map<string, string> {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')))
  const isFolder = /^(kustomization\.ya?ml|Kustomization)$/.test(name)
  const own = new RegExp(`^\\s*- (\\.\\./)*${escapeRegExp(isFolder ? folder : name)}/?\\s*$`)
  for (const [file, text] of files) {
    const lines = text.split('\n')
    const kept = lines.filter((line) => !own.test(line))
    if (kept.length < lines.length) files.set(file, kept.join('\n'))
  }
  return files
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** End of the block that starts on a line: what is indented deeper, and for a document marker the whole document. */
function blockEnd(lines: readonly string[], start: number): number {
  const first = lines[start] ?? ''
  const isMarker = first.startsWith('---')
  const depth = first.search(/\S/)
  if (depth < 0) return start + 1
  let end = start + 1
  for (; end < lines.length; end++) {
    const line = lines[end] ?? ''
    if (isMarker ? line.startsWith('---') : line.search(/\S/) >= 0 && !isInside(line, depth, first)) break
  }
  return end
}

/** A sequence may stand at the depth of its key. */
function isInside(line: string, depth: number, first: string): boolean {
  const own = line.search(/\S/)
  return own > depth || (own === depth && line.trimStart().startsWith('- ') && first.trimEnd().endsWith(':'))
}
