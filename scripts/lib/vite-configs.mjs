/**
 * Vite's configuration of each named build. Node-side builds carry their dependencies inside, so that the packaged application
 * needs no node_modules.
 */
import * as http from 'node:http'
import { join } from 'node:path'
import react from '@vitejs/plugin-react'

/** The configuration for one of the named builds of builds.mjs. */
export function viteConfigOf(build, folder) {
  const base = {
    configFile: false,
    root: folder,
    mode: 'production',
    logLevel: 'warn',
    publicDir: false,
    define: { 'process.env.NODE_ENV': JSON.stringify('production') },
  }
  return build.format === 'web' ? webConfig(base, folder) : nodeConfig(base, build, folder)
}

function webConfig(base, folder) {
  return {
    ...base,
    root: join(folder, 'renderer'),
    base: './',
    plugins: [react(), compiledAhead()],
    worker: { format: 'es' },
    build: {
      outDir: join(folder, 'dist', 'renderer'),
      emptyOutDir: true,
      target: 'chrome140',
      // The content security policy allows no inline script and no data: fonts.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      sourcemap: false,
      chunkSizeWarningLimit: 8000,
      reportCompressedSize: false,
      rolldownOptions: { output: { codeSplitting: { groups: firstFiles } } },
    },
  }
}

/** Files of their own, so that they are compiled side by side. */
const firstFiles = [
  { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// },
  { name: 'menus', test: /node_modules\/@(base-ui|floating-ui)\// },
]

/**
 * Marks the scripts that a start runs with V8's compile hint: the browser compiles them whole while they arrive, off the window's
 * thread, which else compiles each function at its first call, amid the first rendering. Not the menus: nearly all of that is
 * called when one opens.
 */
function compiledAhead() {
  return {
    name: 'sluice:compiled-ahead',
    enforce: 'post',
    generateBundle: {
      // Last, because the hint counts only before all code.
      order: 'post',
      handler(_options, bundle) {
        const first = new Set(Object.values(bundle).flatMap((file) => (file.isEntry ? [file.fileName] : [])))
        for (const name of first) for (const imported of bundle[name].imports) first.add(imported)
        for (const name of first)
          if (bundle[name].name !== 'menus') bundle[name].code = `//# allFunctionsCalledOnLoad\n${bundle[name].code}`
      },
    },
  }
}

/**
 * Native helpers of packages that do without them, and of which we install none: what asks for them finds nothing and goes on in
 * JavaScript.
 */
function withoutNativeHelpers() {
  const isHelper = (id) => id === 'cpu-features' || id.endsWith('.node')
  return {
    name: 'sluice:without-native-helpers',
    enforce: 'pre',
    resolveId: (id) => (isHelper(id) ? '\0absent-native-helper' : null),
    load: (id) => (id === '\0absent-native-helper' ? "throw new Error('native helper left out')" : null),
  }
}

/**
 * `node:http` without what it shares with fetch: to import the module by name Node reads each of its exports, and reading its WebSocket
 * loads all of fetch, 10 to 25 ms of every start.
 */
function httpWithoutFetch() {
  const shared = ['WebSocket', 'CloseEvent', 'MessageEvent']
  const names = Object.keys(http).filter((name) => name !== 'default' && !shared.includes(name))
  const id = '\0http-without-fetch'
  return {
    name: 'sluice:http-without-fetch',
    enforce: 'pre',
    resolveId: (source, _importer, { kind }) =>
      kind !== 'require-call' && (source === 'node:http' || source === 'http') ? id : null,
    load: (wanted) =>
      wanted === id
        ? {
            code: `const http = process.getBuiltinModule('node:http')\nexport default http\nexport const { ${names.join(', ')} } = http`,
            moduleSideEffects: false,
          }
        : null,
  }
}

/**
 * Characters beyond ASCII as escapes: a file with a single one of them is read into two bytes a character, and its text is kept for as long as
 * the thread lives. Not for code with raw templates (`String.raw`), whose text an escape changes: the node-side builds have none.
 */
export function withEscapes(code) {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function escaped() {
  return {
    name: 'sluice:escaped',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const file of Object.values(bundle)) if (file.type === 'chunk') file.code = withEscapes(file.code)
      },
    },
  }
}

function nodeConfig(base, build, folder) {
  const extension = build.format === 'cjs' ? 'cjs' : 'js'
  const entries = Object.entries(build.entries)
  return {
    ...base,
    // NODE_ENV stays what it is at run time. CommonJS packages inside an ES module look for their folder: ssh2 ended every connection for want of it.
    define: build.format === 'cjs' ? {} : { __dirname: 'import.meta.dirname' },
    plugins: [withoutNativeHelpers(), httpWithoutFetch(), escaped()],
    ssr: { target: 'node', noExternal: true, external: ['electron'] },
    build: {
      ssr: true,
      outDir: join(folder, 'dist', build.name),
      emptyOutDir: true,
      target: 'node24',
      // The command line is read anew by every process: what is shorter starts sooner.
      minify: build.name === 'cli',
      sourcemap: 'hidden',
      reportCompressedSize: false,
      rolldownOptions: {
        input: Object.fromEntries(entries.map(([name, file]) => [name, join(folder, file)])),
        external: ['electron', /^electron\//],
        output: {
          format: build.format,
          entryFileNames: `[name].${extension}`,
          chunkFileNames: `chunks/[name]-[hash].${extension}`,
          ...(build.format === 'cjs' ? { codeSplitting: false } : {}),
        },
      },
    },
  }
}
