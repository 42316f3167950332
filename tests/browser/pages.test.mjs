// Every kind of page, both towns, phone and desk, light and dark: it fits, it is accessible, it is quiet.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { complaints, launch, sideways } from './chromium.mjs'
import { ALL, expectedLang, expectedStatus } from './pages.mjs'
import { Portal, TOWNS } from './portal.mjs'

const WIDTHS = [390, 1280]
const ZOOMED = [640, 320] // a 1280 px window at 200 % and at 400 %
const SCHEMES = ['light', 'dark']

let portal, browser, axe

before(async () => {
  axe = await readFile(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
  portal = await Portal.start()
  browser = await launch()
})

after(async () => {
  await browser?.close()
  await portal?.stop()
})

// Two towns side by side keep both cores busy.
describe('pages', { concurrency: true }, () => {
  for (const town of TOWNS) {
    describe(town, { concurrency: false }, () => {
      let context
      before(async () => (context = await browser.newContext({ reducedMotion: 'reduce', serviceWorkers: 'block' })))
      after(() => context?.close())

      for (const path of ALL) {
        test(path, async () => {
          const page = await context.newPage()
          try {
            await looksRight(page, portal.url(town, path), path)
          } finally {
            await page.close()
          }
        })
      }
    })
  }
})

async function looksRight(page, url, path) {
  const heard = complaints(page, (address) => address === url && expectedStatus(path) >= 400)
  const response = await page.goto(url)
  assert.equal(response.status(), expectedStatus(path))

  const head = await page.evaluate(() => ({
    title: document.title.trim(),
    lang: document.documentElement.lang,
    headings: [...document.querySelectorAll('h1')].map((heading) => heading.innerText.trim()),
    mains: document.querySelectorAll('main').length,
  }))
  assert.ok(head.title, 'the page has a title')
  assert.equal(head.lang, expectedLang(path))
  assert.equal(head.headings.length, 1, `one h1, not ${JSON.stringify(head.headings)}`)
  assert.ok(head.headings[0], 'the h1 says something')
  assert.equal(head.mains, 1)

  await page.evaluate(axe)
  const troubles = []
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: width < 500 ? 844 : 900 })
    troubles.push(...(await sideways(page)).map((trouble) => `${width} px: ${trouble}`))
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme })
      troubles.push(...(await violations(page)).map((trouble) => `${width} px, ${colorScheme}: ${trouble}`))
    }
  }
  for (const width of ZOOMED) {
    await page.setViewportSize({ width, height: 512 })
    troubles.push(...(await sideways(page)).map((trouble) => `${width} px: ${trouble}`))
  }
  assert.deepEqual([...new Set([...troubles, ...heard])], [])
}

/** What axe finds against WCAG 2.2 A and AA, and against its best practices. */
function violations(page) {
  return page.evaluate(async () => {
    const found = await window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'],
      resultTypes: ['violations'],
      preload: false, // it would fetch the style sheets by script, which the portal's policy forbids
    })
    return found.violations.flatMap((rule) =>
      rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')} – ${node.failureSummary.replace(/\s+/g, ' ')}`),
    )
  })
}
