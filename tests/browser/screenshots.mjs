// Makes the pictures of the README, or of every kind of page.
//
//   cargo build && node tests/browser/screenshots.mjs              → docs/screenshots/*.png
//   cargo build && node tests/browser/screenshots.mjs --all DIR    → every page, town, width and scheme
//
// `tests/run` has installed what this needs. With pngquant (a Debian package) the pictures are a third of the size.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { launch } from './chromium.mjs'
import { ALL, nameOf } from './pages.mjs'
import { Portal, TOWNS } from './portal.mjs'

const README = ['/', '/dienstleistungen/hund-anmelden']
const SIZES = [{ width: 390, height: 844 }, { width: 1280, height: 900 }]
const SCHEMES = ['light', 'dark']

const [option, where] = process.argv.slice(2)
if (option && (option !== '--all' || !where)) {
  console.error('error: unknown arguments\nhint: node tests/browser/screenshots.mjs [--all DIR]')
  process.exit(2)
}
const all = option === '--all'
const folder = all ? resolve(where) : resolve(import.meta.dirname, '../../docs/screenshots')

await mkdir(folder, { recursive: true })
if (!all) for (const old of await readdir(folder)) if (old.endsWith('.png')) await rm(join(folder, old))

const portal = await Portal.start()
const browser = await launch()
try {
  for (const town of TOWNS) await pictures(town)
} finally {
  await browser.close()
  await portal.stop()
}
shrink(folder)

async function pictures(town) {
  const context = await browser.newContext({ reducedMotion: 'reduce' })
  const page = await context.newPage()
  for (const path of all ? ALL : README) {
    await page.goto(portal.url(town, path))
    await page.evaluate(() => document.fonts.ready)
    for (const size of SIZES) {
      await page.setViewportSize(size)
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme })
        const file = join(folder, `${town}-${nameOf(path)}-${size.width}-${colorScheme}.png`)
        await page.screenshot({ path: file, fullPage: all, scale: 'css' })
        console.log(file)
      }
    }
  }
  await context.close()
}

function shrink(folder) {
  if (spawnSync('pngquant', ['--version']).status !== 0) return console.error('hint: with pngquant the pictures get smaller')
  execFileSync('bash', ['-c', 'pngquant --force --skip-if-larger --strip --speed 1 --ext .png 64 -- "$1"/*.png || [ $? -eq 98 ]', 'bash', folder])
}
