// Every page of both towns in every locale: accessible, quiet, never wider than the screen. Every kind of page also on
// the phone, in the dark and enlarged.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AXE, beyondAxe, violations } from './accessible.mjs'
import { complaints, launch, sideways } from './chromium.mjs'
import { ALL, everyPage, expectedLang, expectedStatus } from './pages.mjs'
import { Portal, TOWNS } from './portal.mjs'

const DESK = { width: 1280, height: 900 }
const PHONE = { width: 390, height: 844 }
const LOOKS = [
  { size: DESK, colorScheme: 'dark' },
  { size: PHONE, colorScheme: 'light' },
]
const NARROWEST = 320 // a window of 1280 px at 400 %
const NARROW = [640, PHONE.width]

const portal = await Portal.start()
const browser = await launch()
after(async () => {
  await browser.close()
  await portal.stop()
})

// Two towns side by side keep two cores busy.
describe('pages', { concurrency: true }, async () => {
  for (const town of TOWNS) {
    const paths = await everyPage(portal, town)
    describe(town, { concurrency: false }, () => {
      let page
      before(async () => {
        const context = await browser.newContext({ reducedMotion: 'reduce', serviceWorkers: 'block' })
        await context.addInitScript(AXE)
        page = await context.newPage()
      })
      after(() => page.context().close())

      for (const path of paths) test(path, () => looksRight(page, portal.url(town, path), path))
    })
  }
})

async function looksRight(page, url, path) {
  const heard = complaints(page, (address) => address === url && expectedStatus(path) >= 400)
  await page.setViewportSize(DESK)
  await page.emulateMedia({ colorScheme: 'light' })
  const response = await page.goto(url)
  assert.equal(response.status(), expectedStatus(path))
  assert.equal(await page.evaluate(() => document.documentElement.lang), expectedLang(path))

  const isSample = ALL.includes(path)
  const troubles = [...(await violations(page, { experimental: isSample })), ...(await beyondAxe(page))]
  if (isSample) {
    for (const { size, colorScheme } of LOOKS) {
      await page.setViewportSize(size)
      await page.emulateMedia({ colorScheme })
      troubles.push(...(await violations(page)).map((trouble) => `${size.width} px, ${colorScheme}: ${trouble}`))
    }
  }
  for (const width of isSample ? [...NARROW, NARROWEST] : [NARROWEST]) {
    await page.setViewportSize({ width, height: 512 })
    troubles.push(...(await sideways(page)).map((trouble) => `${width} px: ${trouble}`))
  }
  page.removeAllListeners()
  assert.deepEqual([...new Set([...troubles, ...heard])], [])
}
