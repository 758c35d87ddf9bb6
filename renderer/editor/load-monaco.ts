/**
 * Monaco in steps. It is three megabytes of code that would be run in one task; each import here is a file of its own in the build, run in a
 * task of its own, with whatever waits in between. Which modules are named decides only where it is cut.
 */
import type * as Monaco from './monaco.ts'
import { nextFrame, nextTask } from './turns.ts'

const steps: readonly (() => Promise<unknown>)[] = [
  () => import('monaco-editor/platform/contextkey/browser/contextKeyService.js'),
  () => import('monaco-editor/editor/common/model/textModel.js'),
  () => import('monaco-editor/editor/browser/view.js'),
  () => import('monaco-editor/editor/browser/widget/codeEditor/codeEditorWidget.js'),
  () => import('monaco-editor/editor/browser/widget/diffEditor/diffEditorWidget.js'),
  () => import('monaco-editor/editor/standalone/browser/standaloneServices.js'),
  () => import('monaco-editor/editor/editor.api.js'),
]

let loaded: Promise<typeof Monaco> | null = null

/** What reads and shows texts; the same promise for everybody. A failure is not kept: the next one who asks tries again. */
export function loadMonaco(): Promise<typeof Monaco> {
  loaded ??= loadInSteps().catch((error: unknown) => {
    loaded = null
    throw error
  })
  return loaded
}

async function loadInSteps(): Promise<typeof Monaco> {
  for (const step of steps) {
    await step()
    await nextTask()
  }
  const monaco = await import('./monaco.ts')
  for (const prepare of monaco.preparations) {
    await nextFrame()
    await prepare()
  }
  await nextFrame()
  return monaco
}
