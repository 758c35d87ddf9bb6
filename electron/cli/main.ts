/**
 * Entry of `sluice` on the command line. Rendering is started many times in a row by scripts and hooks: it gets a way of its own, past
 * everything that it does not need, with compiled code from the cache folder.
 */
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { resolveFolders } from '../../shared/lib/folders.ts'
import { commandFirst } from './command-first.ts'

enableCompileCache(join(resolveFolders(process.env, process.platform, homedir()).cacheDir, 'compiled'))
const [command, ...words] = commandFirst(process.argv.slice(2))
switch (command) {
  case 'build':
    process.exitCode = await (await import('./build-command.ts')).runBuildCommand(words)
    break
  case 'render':
    process.exitCode = await (await import('./render-command.ts')).runRenderCommand(words)
    break
  case 'drift':
  case 'diff': {
    // They have exit codes and formats of their own.
    const { runDriftCommand } = await import('./drift-program.ts')
    const { endProcess } = await import('./terminal.ts')
    await endProcess(() => runDriftCommand([command, ...words]))
    break
  }
  case 'trace':
  case 'where': {
    const { runTraceCommand } = await import('./trace-program.ts')
    const { endProcess } = await import('./terminal.ts')
    await endProcess(() => runTraceCommand([command, ...words]))
    break
  }
  case 'history':
  case 'audit': {
    const { runHistoryCommand } = await import('./history-program.ts')
    const { endProcess } = await import('./terminal.ts')
    await endProcess(() => runHistoryCommand([command, ...words]))
    break
  }
  case 'host': {
    const { runHostCommand } = await import('./host-program.ts')
    const { endProcess } = await import('./terminal.ts')
    await endProcess(() => runHostCommand(words), 'interrupt')
    break
  }
  default:
    await (await import('./program.ts')).runProgram()
}
