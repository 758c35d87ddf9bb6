/** Where the cursor stands in the tree of an object; kept over restarts with the window's other state. */
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { uiStore } from '../../stores/ui-state.ts'

/** Beside the last tab of each kind in the window's state; no kind begins with a sign. */
const place = '$tree'
const separator = '\n'

export function selectTreeNode(ref: ObjectRef, node: string): void {
  uiStore.setState((state) => ({ tabs: { ...state.tabs, [place]: `${refKey(ref)}${separator}${node}` } }))
}

/** Key of the selected node, null where none was selected in this object's tree. */
export function selectedTreeNode(tabs: Readonly<Record<string, string>>, ref: ObjectRef): string | null {
  const [object, node] = (tabs[place] ?? '').split(separator)
  return object === refKey(ref) && node !== undefined ? node : null
}

export function panelWidth(panels: Readonly<Record<string, number>>, name: string, fallback: number): number {
  return panels[name] ?? fallback
}

export function setPanelWidth(name: string, width: number): void {
  uiStore.setState((state) => ({ panels: { ...state.panels, [name]: width } }))
}
