/**
 * Commands that the view on screen offers now. A component registers what it can do while it is mounted; the latest registration of a
 * command wins, so that a page covers its list. Keys, the palette and the bulk bar all run commands from here.
 */
import { useEffect, useRef } from 'react'
import { bindingOf } from '../app/keymap.ts'
import type { CommandId, KeyPress } from '../app/keymap.ts'

export interface CommandHandler {
  readonly run: () => void
  /** Why it is off now; '' or absent: it is live. */
  readonly offReason?: string
}

export type CommandHandlers = Readonly<Partial<Record<CommandId, CommandHandler | (() => void)>>>

const layers: { current: CommandHandlers }[] = []

/** Offers commands while the component is mounted. Handlers may be new on each render. */
export function useCommands(handlers: CommandHandlers): void {
  const layer = useRef(handlers)
  useEffect(() => {
    layer.current = handlers
  })
  useEffect(() => {
    layers.push(layer)
    return () => {
      layers.splice(layers.indexOf(layer), 1)
    }
  }, [])
}

function findHandler(command: CommandId): CommandHandler | null {
  for (const layer of [...layers].reverse()) {
    const handler = layer.current[command]
    if (handler !== undefined) return typeof handler === 'function' ? { run: handler } : handler
  }
  return null
}

/** Runs a command if something offers it and it is live; says whether it did. */
export function runCommand(command: CommandId): boolean {
  const handler = findHandler(command)
  if (handler === null || (handler.offReason !== undefined && handler.offReason !== '')) return false
  handler.run()
  return true
}

/** Why a command would do nothing now; '' if it is live. */
export function offReasonOf(command: CommandId): string {
  const handler = findHandler(command)
  return handler === null ? 'Nothing here can do this' : (handler.offReason ?? '')
}

/** Something on screen offers this command now, and it is live. */
export function canRunCommand(command: CommandId): boolean {
  const handler = findHandler(command)
  return handler !== null && (handler.offReason === undefined || handler.offReason === '')
}

const typingRoles = new Set(['textbox', 'searchbox', 'combobox', 'spinbutton'])

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button'].includes(target.type)
  return typingRoles.has(target.getAttribute('role') ?? '')
}

/** What a focused control does with a key itself: press it, or move inside it. */
const pressedBy: Readonly<Record<string, string>> = {
  Enter: 'button, a, input, select, [role="option"], [role="tab"], [role="treegrid"]',
  ' ': 'button, input, select, [role="option"], [role="tab"], [role="treegrid"]',
}
const movedInside =
  'input, select, [role="tab"], [role="menu"], [role="listbox"], [role="treegrid"], [role="radiogroup"]'

function isOwnKeyOfControl(event: KeyboardEvent): boolean {
  if (event.altKey || !(event.target instanceof HTMLElement)) return false
  const isMove = event.key.startsWith('Arrow') || event.key === 'Home' || event.key === 'End'
  const selector = isMove ? movedInside : pressedBy[event.key]
  return selector !== undefined && event.target.closest(selector) !== null
}

/** Listens to the window's keys until the returned function is called. What a component handled itself is left alone. */
export function listenToKeys(target: Window): () => void {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return
    const binding = bindingOf(event satisfies KeyPress)
    if (binding === null) return
    if (isTyping(event.target) && binding.isWhileTyping !== true) return
    if (isOwnKeyOfControl(event)) return
    const isInDialog =
      event.target instanceof Element && event.target.closest('[role="dialog"], [role="menu"]') !== null
    if (isInDialog && binding.command !== 'palette') return
    if (runCommand(binding.command)) event.preventDefault()
  }
  target.addEventListener('keydown', onKeyDown)
  return () => target.removeEventListener('keydown', onKeyDown)
}
