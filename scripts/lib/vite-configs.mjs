/**
 * Vite's configuration of each named build. Node-side builds carry their dependencies inside, so that the packaged application
 * needs no node_modules.
 */
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
    plugins: [react()],
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
    },
  }
}

function nodeConfig(base, build, folder) {
  const extension = build.format === 'cjs' ? 'cjs' : 'js'
  const entries = Object.entries(build.entries)
  return {
    ...base,
    // NODE_ENV stays what it is at run time.
    define: {},
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
