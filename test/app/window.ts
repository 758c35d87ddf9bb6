/** Words for driving the window by the accessible names of interface.md: views, rows, gates, dialogs, toasts. Nothing here sleeps. */
import type { Locator, Page } from 'playwright-core'

/** Opens a view from the rail and waits for its grid, or for its heading where `isGrid` is false. */
export async function openView(page: Page, title: string, isGrid = true): Promise<void> {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: title, exact: true }).click()
  await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor()
  if (isGrid) await page.getByRole('grid', { name: title, exact: true }).waitFor()
}

export function rowOf(page: Page, name: string): Locator {
  return page.getByRole('row', { name, exact: true })
}

export function gateOf(page: Page, name: string, isOpen?: boolean): Locator {
  return page.getByRole('switch', {
    name: `Gate of ${name}`,
    exact: true,
    ...(isOpen === undefined ? {} : { checked: isOpen }),
  })
}

/**
 * Puts the cursor on a row of a list without opening it. An element of a list is used for whichever row comes to its place, also between being found
 * here and being clicked: another row has the cursor then, and it is tried again.
 */
export async function pointAt(page: Page, name: string): Promise<void> {
  const row = rowOf(page, name)
  await eventually(async () => {
    await row.getByRole('gridcell').nth(2).click()
    const [id, pointed] = await row.evaluate((element) => [
      element.id,
      element.closest('[role="grid"]')?.getAttribute('aria-activedescendant'),
    ])
    if (id !== pointed) throw new Error(`The cursor is not on ${name}`)
  })
}

/** The toast that says this; `alert` for failures. */
export function toastOf(page: Page, text: string | RegExp, role: 'status' | 'alert' = 'status'): Locator {
  return page.getByRole(role).filter({ hasText: text, has: page.getByRole('button', { name: 'Close message' }) })
}

export function dialogOf(page: Page, name: string): Locator {
  return page.getByRole('dialog', { name, exact: true })
}

/** Ctrl+Enter, once the plan is there and the filled button is live: before, the key does nothing. */
export async function confirmPlan(page: Page, dialog: Locator, verb: string): Promise<void> {
  await dialog.getByRole('button', { name: new RegExp(`^${verb}`), disabled: false }).waitFor()
  await page.keyboard.press('Control+Enter')
}

/** Types into a list's filter box and closes the condition. */
export async function filterList(page: Page, title: string, text: string): Promise<void> {
  const box = page.getByRole('searchbox', { name: `Filter ${title}`, exact: true })
  await box.press('Escape')
  await page.getByRole('searchbox', { name: `Filter ${title}`, exact: true }).fill(text)
  if (text !== '') await box.press('Enter')
}

/** Chooses exactly one context in the rail. */
export async function chooseContext(page: Page, name: string, isAdding = false): Promise<void> {
  const option = page.getByRole('option', { name, exact: true })
  await option.click(isAdding ? { modifiers: ['Shift'] } : {})
  await page.getByRole('option', { name, exact: true, selected: true }).waitFor()
}

export interface ShownRow {
  readonly name: string
  /** `context, Status` as assistive technology hears it. */
  readonly description: string
  /** Text of each cell, by the header above it. */
  readonly cells: Readonly<Record<string, string>>
  /** The first tooltip of each cell, by the header: what the cell has no room for. */
  readonly tips: Readonly<Record<string, string>>
  /** `Kind` from the row's key: lists of several kinds draw it as a picture. */
  readonly kind: string
  readonly isOpen: boolean | null
}

/** All rows of the grid, read as a person would: page by page down to its end. */
export async function readGrid(page: Page, title: string): Promise<readonly ShownRow[]> {
  const grid = page.getByRole('grid', { name: title, exact: true })
  await grid.waitFor()
  return grid.evaluate(async (element) => {
    const scroller = element.querySelector('[role="presentation"]')
    if (scroller === null) throw new Error('The grid has no scroller')
    const headers = [...element.querySelectorAll('[role="columnheader"]')].map((cell) => cell.textContent ?? '')
    const found = new Map<string, ShownRow>()
    const frame = (): Promise<void> =>
      new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())))
    const read = (): void => {
      for (const row of scroller.querySelectorAll('[role="row"]')) {
        const name = row.getAttribute('aria-label') ?? ''
        const key = row.getAttribute('data-key') ?? name
        const cells: Record<string, string> = {}
        const tips: Record<string, string> = {}
        ;[...row.querySelectorAll('[role="gridcell"]')].forEach((cell, at) => {
          cells[headers[at] ?? String(at)] = cell.textContent ?? ''
          const tip = cell.querySelector('[data-tooltip]')?.getAttribute('data-tooltip')
          if (tip !== null && tip !== undefined) tips[headers[at] ?? String(at)] = tip
        })
        const gate = row.querySelector('[role="switch"]')
        found.set(key, {
          name,
          description: row.getAttribute('aria-description') ?? '',
          cells,
          tips,
          kind: /^[^|]*\|[^|]*?\/?(\w+)\|/.exec(key)?.[1] ?? '',
          isOpen: gate === null ? null : gate.getAttribute('aria-checked') === 'true',
        })
      }
    }
    scroller.scrollTop = 0
    await frame()
    read()
    while (scroller.scrollTop + scroller.clientHeight < scroller.scrollHeight - 1) {
      scroller.scrollTop += scroller.clientHeight / 2
      await frame()
      read()
    }
    scroller.scrollTop = 0
    return [...found.values()]
  })
}

/** Repeats `look` until it stops throwing: for what has no element to wait for, such as the API server's own answer. */
export async function eventually<T>(look: () => Promise<T> | T, timeoutMs = 20_000): Promise<T> {
  const until = performance.now() + timeoutMs
  for (;;) {
    try {
      return await look()
    } catch (error) {
      if (performance.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
