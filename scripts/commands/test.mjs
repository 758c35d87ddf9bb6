import { resolve } from 'node:path'
import { electronSwitches, hasDisplay, startVirtualDisplay } from '../lib/display.mjs'
import { SetupError, say } from '../lib/progress.mjs'
import { add, nothing, summaryLine } from '../lib/results.mjs'
import { setUpBuild, setUpElectron, setUpPackages } from '../lib/setup.mjs'
import { assetWords, budgetOf, hasControlPlane, missingAssets, runSuite } from '../lib/suite-run.mjs'
import { ensureNotificationDaemon, ensureTestPrograms } from '../lib/system-libraries.mjs'
import { selectSuites, wholeMinutes } from '../suites.mjs'

/** Splits arguments into suites' names, file patterns (whatever has a slash or a dot) and options. */
export function parseTestArguments(args) {
  const parsed = { names: [], filters: [], seed: undefined }
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index]
    if (arg === '--seed') parsed.seed = args[(index += 1)]
    else if (arg.startsWith('--seed=')) parsed.seed = arg.slice('--seed='.length)
    else if (arg.startsWith('-')) throw new SetupError(`unknown option ${arg}; usage: npm test -- [SUITE…] [FILE…]`)
    else if (/[/.\\]/.test(arg)) parsed.filters.push(arg)
    else parsed.names.push(arg)
  }
  if (parsed.seed !== undefined && !/^\d+$/.test(parsed.seed))
    throw new SetupError(`--seed takes a whole number, not ${parsed.seed}`)
  return parsed
}

function select(names) {
  try {
    return selectSuites(names)
  } catch (error) {
    if (error instanceof RangeError) throw new SetupError(error.message)
    throw error
  }
}

/** `npm test [-- SUITE… FILE…]`: the suites, each within its seconds; closes with `N passed, N failed`. */
export async function test(args) {
  const { names, filters, seed } = parseTestArguments(args)
  await runSuites({ selected: select(names), filters, env: { SLUICE_SEED: seed ?? process.env.SLUICE_SEED ?? '1' } })
}

/** `npm run soak -- SUITE… [--seed N]`: the same tests with their full counts, from a printed seed, without bounds in time. */
export async function soak(args) {
  const { names, filters, seed } = parseTestArguments(args)
  if (names.length === 0) throw new SetupError('usage: npm run soak -- SUITE… [FILE…] [--seed N]')
  const chosen = seed ?? process.env.SLUICE_SEED ?? String(Math.floor(Math.random() * 2 ** 31))
  say(`soak with seed ${chosen}; again with: npm run soak -- ${names.join(' ')} --seed ${chosen}`)
  await runSuites({
    selected: select(names),
    filters,
    env: { SLUICE_SOAK: '1', SLUICE_SEED: chosen },
    isBounded: false,
  })
}

/** Builds for a suite that drives the application; answers a failed result when that is not possible, else undefined. */
async function failedBuild(suite) {
  if (!suite.needs?.includes('electron')) return undefined
  try {
    await setUpBuild()
    return undefined
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    say(error.message)
    return { counts: { ...nothing, failed: 1 }, failed: [], seconds: 0, isOver: false }
  }
}

async function runSuites({ selected, filters, env: extra, isBounded = true }) {
  const needs = new Set(selected.flatMap((suite) => suite.needs ?? []))
  const env = { ...process.env, ...extra }
  if (env.FLUX_ASSETS) env.FLUX_ASSETS = resolve(env.FLUX_ASSETS)
  else delete env.FLUX_ASSETS

  const startedAt = performance.now()
  const isColdAtFirst = needs.has('control-plane') && !hasControlPlane(env)
  let display
  let missing = []
  try {
    missing = missingAssets(env)
    if (needs.has('electron')) {
      const electron = await setUpElectron()
      env.SLUICE_ELECTRON_PATH = electron.file
      env.SLUICE_ELECTRON_SWITCHES = electronSwitches({ isVirtual: !hasDisplay() }).join(' ')
    } else {
      await setUpPackages()
    }
    if (needs.has('flux')) await ensureTestPrograms(env)
    if (needs.has('electron')) await ensureNotificationDaemon(env)
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    // Whoever reads only the last line must not take silence for success.
    say(error.message)
    process.stdout.write(`\n${summaryLine({ ...nothing, failed: 1 })}\n`)
    process.exit(1)
  }

  let total = nothing
  const lines = []
  const failed = []
  for (const suite of selected) {
    if (suite.needs?.includes('electron') && !hasDisplay(env)) {
      display = await startVirtualDisplay()
      env.DISPLAY = display.display
    }
    const isCold = Boolean(suite.needs?.includes('control-plane')) && !hasControlPlane(env)
    const budget = isBounded ? budgetOf(suite, isCold) : null
    say(`suite ${suite.name}${budget === null ? '' : ` (${budget} s${isCold ? ', cold' : ''})`}`)
    const result = (await failedBuild(suite)) ?? (await runSuite(suite, { env, filters, budget }))
    let { counts } = result
    failed.push(...result.failed)
    const notes = []
    if (result.isOver) notes.push(`over its ${budget} s`)
    const lacks = missing.filter((name) => suite.needs?.includes(name))
    if (lacks.length > 0 && counts.skipped > 0) {
      notes.push(`${counts.skipped} skipped, for want of ${lacks.map((name) => assetWords[name]).join(' and ')}`)
      // Where nobody looks at the words, a suite that could not run is a failure.
      if (process.env.CI === 'true' || process.env.CI === '1') counts = add(counts, { ...nothing, failed: 1 })
    }
    lines.push(
      `  ${suite.name.padEnd(14)} ${result.seconds.toFixed(1).padStart(7)} s  ${summaryLine(counts)}${notes.map((note) => `  (${note})`).join('')}`,
    )
    total = add(total, counts)
  }
  await display?.stop()

  if (isBounded && selected.length > 1) {
    const minutes = (performance.now() - startedAt) / 60_000
    const bound = isColdAtFirst ? wholeMinutes.cold : wholeMinutes.warm
    const over = minutes > bound ? `, over its ${bound}` : ` of ${bound}`
    lines.push(`  all of it      ${minutes.toFixed(1).padStart(7)} min${over} (${isColdAtFirst ? 'cold' : 'warm'})`)
    // A slow quarter of an hour of the machine is told; what takes as long as a build from nothing is a failure.
    if (minutes > wholeMinutes.cold) total = add(total, { ...nothing, failed: 1 })
  }

  // Told again at the end: between a failure and the last line are thousands of others.
  if (failed.length > 0) process.stdout.write(`\nFailed:\n${failed.map((each) => `  ${each}`).join('\n')}\n`)
  process.stdout.write(`\n${lines.join('\n')}\n`)
  if (needs.has('flux') && missing.includes('flux')) {
    process.stdout.write('  Tests with the real Flux controllers need FLUX_ASSETS: a folder with their binaries.\n')
  }
  process.stdout.write(`\n${summaryLine(total)}\n`)
  process.exit(total.failed === 0 ? 0 : 1)
}
