/** Keeping focus inside one element: what a modal dialog needs of the document, without a library. */

const focusable =
  'a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), [tabindex]:not([tabindex="-1"])'

/** Elements inside `root` that Tab reaches, in document order; hidden ones left out. */
export function focusableIn(root: HTMLElement): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>(focusable)].filter(
    (element) => element.closest('[hidden], [inert]') === null && element.tabIndex >= 0,
  )
}

/** Moves focus round inside `root` on Tab and Shift+Tab; call from a keydown handler. Returns whether it moved. */
export function wrapFocus(root: HTMLElement, event: KeyboardEvent): boolean {
  if (event.key !== 'Tab') return false
  const elements = focusableIn(root)
  const first = elements[0]
  const last = elements.at(-1)
  if (first === undefined || last === undefined) {
    event.preventDefault()
    return true
  }
  const active = document.activeElement
  const isOutside = active === null || !root.contains(active)
  if (event.shiftKey && (isOutside || active === first || active === root)) {
    event.preventDefault()
    last.focus()
    return true
  }
  if (!event.shiftKey && (isOutside || active === last)) {
    event.preventDefault()
    first.focus()
    return true
  }
  return false
}

/** Makes everything beside `element` (children of body) inert; the returned function undoes exactly that. */
export function makeRestInert(element: HTMLElement): () => void {
  const changed: Element[] = []
  for (const sibling of document.body.children) {
    if (sibling.contains(element) || sibling.hasAttribute('inert')) continue
    if (sibling.hasAttribute('data-stays-live')) continue
    sibling.setAttribute('inert', '')
    changed.push(sibling)
  }
  return () => {
    for (const sibling of changed) sibling.removeAttribute('inert')
  }
}
