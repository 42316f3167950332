// A citizen without a mouse: reaches everything in the order of the eye, always sees where she is, is never caught.
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { launch } from './chromium.mjs'
import { localised } from './pages.mjs'
import { Portal, TOWNS } from './portal.mjs'
import { tabTo, walk } from './stops.mjs'

const SERVICE = '/dienstleistungen/hund-anmelden'
const WALKED = ['/', '/dienstleistungen', SERVICE, '/lebenslagen/umzug', '/suche?q=hund', '/suche?q=xyzzy', '/faq', '/kontakt',
  '/anmelden', '/online-ausweis', '/api', '/gibtsnicht']
const DESK = { width: 1280, height: 900 }
const PHONE = { width: 390, height: 844 }

const portal = await Portal.start()
const browser = await launch()
after(async () => {
  await browser.close()
  await portal.stop()
})

async function open(t, url, viewport = DESK) {
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce' })
  context.setDefaultTimeout(15_000)
  t.after(() => context.close())
  const page = await context.newPage()
  await page.goto(url)
  return page
}

const follow = (page, key = 'Enter') => Promise.all([page.waitForEvent('load'), page.keyboard.press(key)])
const asked = (page) => Object.fromEntries(new URL(page.url()).searchParams)
const isSkipLink = (stop) => stop.href?.startsWith('#')

for (const town of TOWNS) {
  describe(town, () => {
    for (const [name, viewport] of Object.entries({ desk: DESK, phone: PHONE })) {
      test(`one round with Tab over every kind of page, ${name}`, async (t) => {
        const page = await open(t, portal.url(town), viewport)
        for (const path of WALKED) {
          await t.test(path, async () => {
            await page.goto(portal.url(town, path))
            const stops = await walk(page)
            assert.ok(isSkipLink(stops[0]), 'the skip link comes first')
            assert.ok(stops.length > 15, `${stops.length} stops`)
          })
        }
      })
    }

    test('and the same way back', async (t) => {
      const page = await open(t, portal.url(town, SERVICE))
      const forth = await walk(page)
      const back = await walk(page, 'Shift+Tab')
      assert.deepEqual(back.map((stop) => stop.what), forth.map((stop) => stop.what).reverse())
    })

    test('the skip link jumps over the header', async (t) => {
      const page = await open(t, portal.url(town, SERVICE))
      await tabTo(page, isSkipLink, 1)
      await page.keyboard.press('Enter')
      assert.equal(await page.evaluate(() => document.activeElement.localName), 'main')
      await tabTo(page, () => true, 1)
      assert.ok(await page.evaluate(() => Boolean(document.activeElement.closest('main'))), 'the next stop lies in the main part')
    })

    test('from the start page to an answer of the search', async (t) => {
      const page = await open(t, portal.url(town))
      await tabTo(page, (stop) => stop.what.startsWith('input'))
      await page.keyboard.type('hund anmelden')
      await follow(page)
      assert.equal(await page.locator('main input[name=q]').inputValue(), 'hund anmelden', 'what was asked stands in the field')
      await tabTo(page, (stop) => stop.href?.endsWith(SERVICE))
      await follow(page)
      assert.equal(new URL(page.url()).pathname, SERVICE)
    })

    test('A to Z is narrowed by letter, subject and what goes online, and set free again', async (t) => {
      const page = await open(t, portal.url(town, '/dienstleistungen'))
      const count = async () => Number(await page.locator('main .total strong').innerText())
      const current = (name) => page.locator(`main nav a[aria-current]`, { hasText: name }).count()
      const all = await count()

      await tabTo(page, (stop) => stop.what === 'a "H"')
      await follow(page)
      assert.deepEqual(asked(page), { buchstabe: 'H' })
      assert.equal(await current(/^H$/), 1, 'the letter says that it is chosen')
      assert.ok((await count()) < all)

      await tabTo(page, (stop) => stop.what.startsWith('summary'))
      await page.keyboard.press('Space')
      const subject = await tabTo(page, (stop) => stop.href?.includes('kategorie=tiere'), 60)
      await follow(page)
      assert.deepEqual(asked(page), { kategorie: 'tiere' }, 'a new subject begins at all letters')
      assert.equal(await current(subject.what.match(/"(.*)"/)[1]), 1, 'the subject says that it is chosen')
      const few = await count()
      assert.ok(few > 0 && few < all)

      await tabTo(page, (stop) => stop.href?.includes('online=1'))
      await follow(page)
      assert.deepEqual(asked(page), { kategorie: 'tiere', online: '1' })
      assert.ok((await count()) <= few)

      await tabTo(page, (stop) => stop.href === '/dienstleistungen' && stop.box.top > 300)
      await follow(page)
      assert.equal(await count(), all)
    })

    test('answers of the help page open, close and can be linked to', async (t) => {
      const page = await open(t, portal.url(town, '/faq'))
      const openOnes = () => page.locator('details.faq[open]').count()
      assert.equal(await openOnes(), 0)
      await tabTo(page, (stop) => stop.what.startsWith('summary'))
      await page.keyboard.press('Enter')
      assert.equal(await openOnes(), 1)
      await page.keyboard.press('Space')
      assert.equal(await openOnes(), 0)

      const button = page.locator('button[data-open-all]')
      await button.focus()
      await page.keyboard.press('Enter')
      assert.equal(await openOnes(), await page.locator('details.faq').count())
      assert.equal(await button.getAttribute('aria-expanded'), 'true')
      await walk(page)
      await button.focus()
      await page.keyboard.press('Space')
      assert.equal(await openOnes(), 0)

      const id = await page.locator('details.faq').last().getAttribute('id')
      await page.goto('about:blank')
      await page.goto(portal.url(town, `/faq#${id}`))
      assert.equal(await openOnes(), 1, 'a link to an answer opens it')
      await page.keyboard.press('Tab')
      const inside = await page.evaluate((id) => Boolean(document.activeElement.closest('details')?.id === id), id)
      assert.ok(inside, 'and the next stop is there')
    })

    test('a topic of the help page is where its link leads', async (t) => {
      const page = await open(t, portal.url(town, '/faq'))
      const { href } = await tabTo(page, (stop) => stop.href?.startsWith('#thema-'))
      await page.keyboard.press('Enter')
      assert.equal(await page.evaluate(() => `#${document.activeElement.id}`), href)
    })

    test('another language of the same page', async (t) => {
      const page = await open(t, portal.url(town, SERVICE))
      for (const locale of ['en', 'ls', 'de']) {
        const path = localised(locale, SERVICE)
        await tabTo(page, (stop) => stop.href === path)
        await follow(page)
        assert.equal(new URL(page.url()).pathname, path)
        const here = page.locator('header nav a[aria-current]', { hasText: { en: 'English', ls: 'Leichte Sprache', de: 'Deutsch' }[locale] })
        assert.equal(await here.count(), 1, 'the chosen language says so')
      }
    })

    test('the menu of the phone opens, leads on and closes', async (t) => {
      const page = await open(t, portal.url(town, '/kontakt'), PHONE)
      const isOpen = () => page.locator('#menu').evaluate((menu) => menu.matches(':popover-open'))
      const focused = () => page.evaluate(() => document.activeElement.className)
      await tabTo(page, (stop) => stop.what.startsWith('button'))
      await page.keyboard.press('Enter')
      assert.ok(await isOpen())
      await page.keyboard.press('Tab')
      assert.equal(await focused(), 'head-close', 'the first stop in the menu is the way out')
      await page.keyboard.press('Escape')
      assert.ok(!(await isOpen()), 'Escape closes')
      assert.equal(await focused(), 'head-toggle', 'the focus is back at the button')

      await page.keyboard.press('Space')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      assert.ok(!(await isOpen()), 'the button in the menu closes it')
      assert.equal(await focused(), 'head-toggle')

      await page.keyboard.press('Enter')
      await tabTo(page, (stop) => stop.href === '/faq', 12)
      await follow(page)
      assert.equal(new URL(page.url()).pathname, '/faq')
    })
  })
}
