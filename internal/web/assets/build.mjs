// Bundles src/ into dist/: one style sheet, one script for all pages and one for the pictures
// of Insights, the icon and the fonts, each with its content's hash in its name so that
// browsers may keep it for ever, and each text also as Brotli and gzip. manifest.json tells the Go package which name became which file.
import { build } from 'esbuild'
import { readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const here = import.meta.dirname
const dist = join(here, 'dist')

for (const old of await readdir(dist)) {
  if (old !== '.keep') await rm(join(dist, old), { recursive: true })
}

const result = await build({
  absWorkingDir: here,
  entryPoints: [
    { in: 'src/bundle.css', out: 'beckon' },
    { in: 'src/beckon.js', out: 'beckon' },
    { in: 'src/charts.js', out: 'charts' },
    { in: 'src/icon.svg', out: 'icon' },
  ],
  outdir: dist,
  entryNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  loader: { '.svg': 'copy', '.woff2': 'file' },
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['es2023', 'chrome125', 'firefox128', 'safari17.5'],
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
})

const manifest = {}
for (const output of Object.keys(result.metafile.outputs)) {
  const file = basename(output)
  manifest[file.replace(/-[A-Z0-9]{8}(?=\.[^.]+$)/, '')] = file
  if (extname(file) === '.woff2') continue
  const content = await readFile(join(dist, file))
  const best = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }
  await writeFile(join(dist, file + '.br'), brotliCompressSync(content, best))
  await writeFile(join(dist, file + '.gz'), gzipSync(content, { level: 9 }))
}
await writeFile(join(dist, 'manifest.json'), JSON.stringify(manifest, null, 2) + '\n')
