// States that no address alone leads to – a login that failed, a person's data, forms with complaints, the clerks' desk,
// mails – from the samples of the pages: accessible, quiet, never wider than the screen, and valid under the real policy.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { AXE, beyondAxe, violations } from './accessible.mjs'
import { complaints, launch, sideways } from './chromium.mjs'
import { binary, ROOT, TOWNS } from './portal.mjs'

const STATES =
  /^(contact|accessibility|error|login|simulator|handover|outcome|logout|my_data|own_data|old_account|link|sessions|step_up|given_back|own|keeping|forms|cases|mailbox|desk|staff|mail)-.*html$/
const LOOKS = [
  { size: { width: 1280, height: 900 }, colorScheme: 'light' },
  { size: { width: 390, height: 844 }, colorScheme: 'dark' },
]
const NARROW = [640, 390, 320]
const TYPES = { css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml', png: 'image/png' }
const STAND_IN = 'https://samples.example'
// `connect-src` is left to axe, which is itself no part of the page
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"

const folder = await mkdtemp(join(tmpdir(), 'portal-samples-'))
execFileSync(join(dirname(binary()), 'examples/samples'), [folder], { cwd: ROOT, stdio: 'inherit' })
const browser = await launch()
after(async () => {
  await browser.close()
  await rm(folder, { recursive: true, force: true })
})

// both faces in German, each further language in one of them: the words differ, the templates do not
const LOCALES = { herford: ['de', 'en'], loehne: ['de', 'ls'] }
for (const town of TOWNS) {
  for (const locale of LOCALES[town]) {
    // clerks' pages are German on every address
    const isAsked = (file) => STATES.test(file) && (locale !== 'en' || !/^(desk|staff)-/.test(file))
    const files = (await readdir(join(folder, town, locale))).filter(isAsked)
    assert.ok(files.length > 50, `${files.length} states of ${town} in ${locale}`)
    describe(`${town}, ${locale}`, () => {
      let page
      before(async () => {
        const context = await browser.newContext({ reducedMotion: 'reduce' })
        await context.addInitScript(AXE)
        await context.route('**/*', (route) => fulfil(route, join(folder, town)))
        page = await context.newPage()
      })
      after(() => page.context().close())
      for (const file of files) test(file, () => looksRight(page, `${STAND_IN}/${locale}/${file}`))
    })
  }
}

async function fulfil(route, folder) {
  const { origin, pathname } = new URL(route.request().url())
  if (origin !== STAND_IN) return route.abort()
  const type = pathname.split('.').at(-1)
  const isMail = /\/mail-[^/]*$/.test(pathname)
  const headers = type === 'html' && !isMail ? { 'content-security-policy': POLICY } : {}
  // the page that sends itself away would be gone before anybody has looked at it
  const body = pathname.endsWith('/handover.js') ? '' : await readFile(join(folder, pathname))
  return route.fulfill({ body, contentType: type === 'html' ? 'text/html; charset=utf-8' : TYPES[type], headers })
}

async function looksRight(page, url) {
  const heard = complaints(page)
  await page.setViewportSize(LOOKS[0].size)
  await page.goto(url)
  const isMail = /\/mail-/.test(url)
  const troubles = isMail ? [] : await beyondAxe(page)
  const menu = page.locator('details.person summary')
  if (await menu.count()) await menu.click()
  for (const { size, colorScheme } of LOOKS) {
    await page.setViewportSize(size)
    await page.emulateMedia({ colorScheme })
    troubles.push(...(await violations(page)).map((trouble) => `${size.width} px, ${colorScheme}: ${trouble}`))
  }
  for (const width of NARROW) {
    await page.setViewportSize({ width, height: 512 })
    troubles.push(...(await sideways(page)).map((trouble) => `${width} px: ${trouble}`))
  }
  page.removeAllListeners()
  assert.deepEqual([...new Set([...troubles, ...heard])], [])
}
