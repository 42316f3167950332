// The page as a person sets it: larger type, more space between letters, colours of one's own, no motion.
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { launch, sideways } from './chromium.mjs'
import { ALL } from './pages.mjs'
import { Portal, TOWNS } from './portal.mjs'
import { walk } from './stops.mjs'

const portal = await Portal.start()
const browser = await launch()
after(async () => {
  await browser.close()
  await portal.stop()
})

const DESK = { width: 1280, height: 900 }
const PHONE = { width: 390, height: 844 }
const SPACED = `* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
  p { margin-block-end: 2em !important }` // WCAG 1.4.12

/** Adds rules as a reader's own style sheet would. */
const spaced = (page) =>
  page.evaluate((css) => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(css)
    document.adoptedStyleSheets = [sheet]
  }, SPACED)

/** Sets the size of type as the browser's settings do, which units of type and media queries follow. */
async function enlarged(page) {
  const browser = await page.context().newCDPSession(page)
  await browser.send('Page.setFontSizes', { fontSizes: { standard: 32, fixed: 26 } })
}

/** Words that are cut off or lie over each other. */
const cut = (page) =>
  page.evaluate(() => {
    const troubles = []
    const tell = (trouble, element) => troubles.push(`${trouble}: ${element.outerHTML.slice(0, 120)}`)
    const holders = [...document.body.querySelectorAll('*')].filter((element) =>
      !element.closest('svg, .hidden, .skip') && element.checkVisibility({ visibilityProperty: true })
      && [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()))
    const boxes = []
    for (const element of holders) {
      for (let frame = element; frame !== document.body; frame = frame.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(frame)
        const isCut = (overflowX === 'hidden' && frame.scrollWidth > frame.clientWidth + 1)
          || (overflowY === 'hidden' && frame.scrollHeight > frame.clientHeight + 1)
        if (isCut && !frame.matches('.hero')) tell('cut off', element)
      }
      for (const node of element.childNodes) {
        if (node.nodeType !== Node.TEXT_NODE || !node.data.trim()) continue
        const range = document.createRange()
        range.selectNodeContents(node)
        for (const { left, right, top, bottom } of range.getClientRects()) boxes.push({ element, left, right, top, bottom })
      }
    }
    boxes.sort((a, b) => a.top - b.top)
    boxes.forEach((one, index) => {
      for (let next = index + 1; next < boxes.length && boxes[next].top < one.bottom; next++) {
        const other = boxes[next]
        const width = Math.min(one.right, other.right) - Math.max(one.left, other.left)
        const height = Math.min(one.bottom, other.bottom) - other.top
        // lines of one paragraph may touch; a third of a letter's height is an overlap
        if (one.element !== other.element && width > 2 && height > (other.bottom - other.top) / 3) tell('lies over other words', other.element)
      }
    })
    return [...new Set(troubles)]
  })

for (const town of TOWNS) {
  describe(town, { concurrency: false }, () => {
    for (const [name, viewport, change] of [
      ['type of twice the size', DESK, enlarged],
      ['type of twice the size on the phone', PHONE, enlarged],
      ['wide spacing', DESK, spaced],
      ['wide spacing on the phone', PHONE, spaced],
    ]) {
      test(`${name} cuts nothing off`, async (t) => {
        const page = await visitor(t, { viewport })
        const troubles = []
        for (const path of ALL) {
          await page.goto(portal.url(town, path))
          await change(page)
          for (const trouble of [...(await sideways(page)), ...(await cut(page))]) troubles.push(`${path}: ${trouble}`)
        }
        assert.deepEqual(troubles, [])
      })
    }

    test('colours of one\'s own keep edges, choices and the focus', async (t) => {
      const page = await visitor(t, { viewport: DESK, forcedColors: 'active' })
      for (const path of ['/', '/dienstleistungen?buchstabe=H', '/dienstleistungen/hund-anmelden', '/suche?q=xyzzy', '/faq', '/anmelden']) {
        await page.goto(portal.url(town, path))
        const bare = await page.locator('button, .button, input').evaluateAll((all) => all
          .filter((one) => one.checkVisibility())
          .filter((one) => {
            const { borderTopStyle, borderTopWidth, borderBottomStyle, borderBottomWidth } = getComputedStyle(one)
            return [borderTopStyle, borderBottomStyle].includes('none') || Math.min(parseFloat(borderTopWidth), parseFloat(borderBottomWidth)) < 1
          })
          .map((one) => one.outerHTML.slice(0, 120)))
        assert.deepEqual(bare, [], `${path}: buttons and fields keep their edge`)
        const same = await page.locator('nav a[aria-current]').evaluateAll((all) => all
          .filter((one) => {
            const look = (link) => {
              const { backgroundColor, textDecorationLine, textDecorationThickness, fontWeight } = getComputedStyle(link)
              return [backgroundColor, textDecorationLine, textDecorationThickness, fontWeight].join()
            }
            const other = one.closest('ul').querySelector('a:not([aria-current])')
            return one.checkVisibility() && other && look(one) === look(other)
          })
          .map((one) => one.outerHTML.slice(0, 120)))
        assert.deepEqual(same, [], `${path}: what is chosen looks chosen`)
        await walk(page)
      }
    })

    test('who wants no motion gets none', async (t) => {
      const page = await visitor(t, { viewport: DESK })
      for (const path of ['/', '/dienstleistungen/hund-anmelden', '/faq']) {
        await page.goto(portal.url(town, path))
        const moving = await page.evaluate(() => {
          const moves = (element) => [null, '::before', '::after'].some((part) => {
            const { transitionDuration, animationDuration, scrollBehavior } = getComputedStyle(element, part)
            return scrollBehavior === 'smooth' || `${transitionDuration}, ${animationDuration}`.split(', ').some((one) => parseFloat(one) > 0)
          })
          return [...document.querySelectorAll('*')].filter(moves).map((element) => element.outerHTML.slice(0, 100))
        })
        assert.deepEqual(moving, [], path)
      }
    })
  })
}

async function visitor(t, options) {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
  t.after(() => context.close())
  return context.newPage()
}
