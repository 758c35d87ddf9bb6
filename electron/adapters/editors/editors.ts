/**
 * Opens files of a repository in the user's editor. Owns finding and starting the program.
 *
 * SECURITY: item 7: only the editors of known-editors.ts, or the one that the user's own environment names, are ever started, without a
 * shell; the file lies in the opened folder, links followed, and is handed over as an absolute path, which is never an option.
 */
import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, isAbsolute, join } from 'node:path'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { EditorChoice, EditorId } from '../../../shared/model/repository.ts'
import { editorIds } from '../../../shared/model/repository.ts'
import type { Editors } from '../../engine/repositories/folder-port.ts'
import { resolveInside } from '../folders/folders.ts'
import { fileArguments, knownPrograms, needsTerminal, programName, splitCommand, terminals } from './known-editors.ts'

export interface EditorsOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** PATH in which programs are looked for. */
  readonly path: () => Promise<string>
  readonly home?: string
  /** A program that ends with a fault within this time could not open the file. */
  readonly settleMs?: number
}

interface Found {
  readonly label: string
  readonly program: string
  /** Words between program and file. */
  readonly args: readonly string[]
  readonly isInTerminal: boolean
}

export function createEditors(options: EditorsOptions): Editors {
  const home = options.home ?? homedir()

  async function onPath(command: string): Promise<string | null> {
    if (isAbsolute(command)) return (await isProgram(command)) ? command : null
    if (/[\\/]/.test(command)) return null
    const endings = process.platform === 'win32' ? ['.exe'] : ['']
    for (const folder of (await options.path()).split(delimiter))
      for (const ending of endings) {
        const candidate = join(folder, command + ending)
        if (isAbsolute(folder) && (await isProgram(candidate))) return candidate
      }
    return null
  }

  function place(path: string): string {
    return path.startsWith('~/')
      ? join(home, path.slice(2))
      : path.replace(/%(\w+)%/g, (_whole, name: string) => options.env[name] ?? '')
  }

  async function find(editor: EditorId): Promise<Found | null> {
    if (editor === 'environment') {
      const words = splitCommand(options.env['VISUAL'] ?? options.env['EDITOR'] ?? '')
      const [command] = words
      const program = command === undefined ? null : await onPath(command)
      if (program === null || command === undefined) return null
      return { label: programName(command), program, args: words.slice(1), isInTerminal: needsTerminal(words) }
    }
    for (const { command, label, places } of knownPrograms[editor]) {
      const program = await onPath(command)
      if (program !== null) return { label, program, args: [], isInTerminal: false }
      for (const path of places.map(place))
        if (isAbsolute(path) && (await isProgram(path))) return { label, program: path, args: [], isInTerminal: false }
    }
    return null
  }

  async function startOf(editor: EditorId, found: Found, path: string, line: number): Promise<readonly string[]> {
    const command = [found.program, ...found.args, ...fileArguments(editor, found.program, path, line)]
    if (!found.isInTerminal) return command
    for (const [terminal, ...args] of terminals) {
      const program = await onPath(terminal)
      if (program !== null) return [program, ...args, ...command]
    }
    throw new SluiceError('ToolMissing', `${found.label} needs a terminal, and none was found`, {
      remedy: 'Choose another editor in Settings.',
    })
  }

  return {
    async choices() {
      return Promise.all(
        editorIds.map(async (id): Promise<EditorChoice> => {
          const found = await find(id)
          return { id, label: found?.label ?? defaultLabel(id), program: found?.program ?? '' }
        }),
      )
    },
    async open(editor, root, file, line) {
      const path = await resolveInside(root, file)
      const found = await find(editor)
      if (found === null)
        throw new SluiceError('ToolMissing', `${defaultLabel(editor)} was not found on this computer`, {
          remedy:
            editor === 'environment'
              ? 'Set VISUAL or EDITOR to a program, or choose another editor in Settings.'
              : 'Install its command, or choose another editor in Settings.',
        })
      const [program = '', ...args] = await startOf(editor, found, path, line)
      await start(program, args, options.env, options.settleMs ?? 400)
      return { id: editor, label: found.label, program: found.program }
    },
  }
}

function defaultLabel(id: EditorId): string {
  return {
    vscode: 'Visual Studio Code',
    jetbrains: 'A JetBrains IDE',
    environment: 'The editor of $VISUAL or $EDITOR',
  }[id]
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

/** Resolves when the program runs on by itself, or ended well. */
function start(program: string, args: readonly string[], env: EditorsOptions['env'], settleMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const { ELECTRON_RUN_AS_NODE: _asNode, NODE_OPTIONS: _options, ...own } = env
    const child = spawn(program, args, { detached: true, stdio: 'ignore', shell: false, env: own })
    const timer = setTimeout(() => settle(resolve), settleMs)
    const settle = (end: () => void): void => {
      clearTimeout(timer)
      child.removeAllListeners()
      child.on('error', () => undefined)
      child.unref()
      end()
    }
    const fail = (text: string): void =>
      settle(() => reject(new SluiceError('StartFailed', `${programName(program)} could not open the file: ${text}`)))
    child.on('error', (error) => fail(error.message))
    child.on('exit', (code, signal) => {
      if (code === 0) settle(resolve)
      else fail(code === null ? `ended by ${String(signal)}` : `it ended with code ${String(code)}`)
    })
  })
}
