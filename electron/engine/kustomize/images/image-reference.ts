/** Image references as kustomize takes them apart: `[[HOST[:PORT]/]PATH/]NAME[:TAG][@DIGEST]`. */
import type { Regex } from '../selector/regex.ts'
import { compileRegex } from '../selector/regex.ts'

export interface ImageReference {
  readonly name: string
  readonly tag: string
  readonly digest: string
}

/** Splits at the first `:` and `@` after the first `/`, so that a registry's port is no tag. */
export function splitImage(image: string): ImageReference {
  const slash = Math.max(image.indexOf('/'), 0)
  const at = image.indexOf('@', slash)
  const colon = image.indexOf(':', slash)
  if (at < 0 && colon < 0) return { name: image, tag: '', digest: '' }
  if (at >= 0 && (colon < 0 || at < colon)) return { name: image.slice(0, at), tag: '', digest: image.slice(at + 1) }
  if (at >= 0) return { name: image.slice(0, colon), tag: image.slice(colon + 1, at), digest: image.slice(at + 1) }
  return { name: image.slice(0, colon), tag: image.slice(colon + 1), digest: '' }
}

const tail = '(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$'

/** Matches images of this name, with any tag and digest. The name is a regular expression, as upstream has it. */
export function imageMatcher(name: string): Regex {
  // SECURITY: no operator but `.` gets past this test, so JavaScript's RegExp cannot backtrack here; all else goes to RE2.
  if (!/^[A-Za-z0-9_./:@-]*$/.test(name)) return compileRegex(`^${name}${tail}`)
  const pattern = new RegExp(`^${name.replaceAll('.', '[^\\n]')}${tail}`, 'u')
  const dot = name.indexOf('.')
  const literal = dot < 0 ? name : name.slice(0, dot)
  return { matches: (text) => text.startsWith(literal) && pattern.test(text) }
}
