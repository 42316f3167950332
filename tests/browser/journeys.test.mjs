// What citizens do, from the start page on: by keyboard, without scripts, in their language, on paper.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { complaints, launch, sideways } from './chromium.mjs'
import { localised } from './pages.mjs'
import { Portal, TOWNS } from './portal.mjs'

const SERVICE = '/dienstleistungen/hund-anmelden'
const NAMES = { herford: 'Herford', loehne: 'Löhne' }

let portal, browser

before(async () => {
  portal = await Portal.start()
  browser = await launch()
})

after(async () => {
  await browser?.close()
  await portal?.stop()
})

/** A fresh visitor: nothing stored, gone after the test. */
async function visitor(t, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', ...options })
  context.setDefaultTimeout(15_000)
  t.after(() => context.close())
  return context.newPage()
}

const pathOf = (page) => decodeURI(new URL(page.url()).pathname)
const shown = (page, selector) => page.locator(selector).first().isVisible()

/** Presses Tab until `wanted` has the focus; everything on the way must show where the focus is. */
async function tabTo(page, wanted, presses = 80) {
  for (let press = 0; press < presses; press++) {
    await page.keyboard.press('Tab')
    const focus = await page.evaluate(() => {
      const element = document.activeElement
      const style = getComputedStyle(element)
      const box = element.getBoundingClientRect()
      return {
        tag: element.localName,
        type: element.getAttribute('type'),
        text: (element.innerText || element.getAttribute('aria-label') || element.getAttribute('name') || '').trim(),
        href: element.getAttribute('href'),
        ring: (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none',
        inView: box.bottom > 0 && box.top < innerHeight && box.width > 0,
      }
    })
    if (focus.tag === 'body') continue
    assert.ok(focus.ring, `the focus shows on ${JSON.stringify(focus)}`)
    assert.ok(focus.inView, `the focus is in view on ${JSON.stringify(focus)}`)
    if (wanted(focus)) return focus
  }
  assert.fail(`not reached with ${presses} tabs: ${wanted}`)
}

for (const town of TOWNS) {
  describe(town, () => {
    test('a citizen finds "Hund anmelden" with the keyboard alone', async (t) => {
      const page = await visitor(t)
      await page.goto(portal.url(town))
      await tabTo(page, (focus) => focus.href?.startsWith('#'), 1) // the skip link comes first
      await page.keyboard.press('Enter')
      assert.equal(
        await page.evaluate(() => document.querySelector('main').contains(document.querySelector(':target'))
          || document.querySelector(':target')?.localName === 'main'),
        true,
        'the skip link leads into the main part',
      )

      await page.goto(portal.url(town))
      await tabTo(page, (focus) => focus.tag === 'input' && ['search', 'text'].includes(focus.type))
      await page.keyboard.type('hund anmelden')
      await Promise.all([page.waitForURL(/\/suche\?/), page.keyboard.press('Enter')])
      await tabTo(page, (focus) => focus.href?.endsWith(SERVICE))
      await Promise.all([page.waitForURL((url) => url.pathname === SERVICE), page.keyboard.press('Enter')])

      assert.match(await page.locator('h1').innerText(), /Hund/)
      assert.ok((await page.title()).includes(NAMES[town]), 'the title says in which town')
      const fits = (await page.locator('main').innerText()).length
      assert.ok(fits > 600, `the service page has something to read (${fits} characters)`)
    })

    test('the search suggests, by keyboard and for screen readers', async (t) => {
      const page = await visitor(t)
      const heard = complaints(page)
      await page.goto(portal.url(town))
      const field = page.getByRole('combobox', { name: 'Wonach suchen Sie?' })
      await tabTo(page, (focus) => focus.tag === 'input')
      assert.equal(await field.getAttribute('aria-expanded'), 'false')
      await page.keyboard.type('hund an')
      const list = page.getByRole('listbox', { name: 'Vorschläge' })
      await list.waitFor()
      const options = list.getByRole('option')
      const count = await options.count()
      assert.ok(count > 1 && count <= 7, `${count} suggestions`)
      assert.equal(await field.getAttribute('aria-expanded'), 'true')
      assert.equal(await page.getByRole('status').innerText(), `${count} Vorschläge`)
      for (const box of await options.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON()))) {
        assert.ok(box.height >= 44, `${box.height} px are enough for a finger`)
        assert.ok(box.bottom < 900 && box.right <= 1280, 'the list is in view')
      }
      const uncovered = await options.evaluateAll((all) =>
        all.every((one) => {
          const { x, y, width, height } = one.getBoundingClientRect()
          return one.contains(document.elementFromPoint(x + width / 2, y + height / 2))
        }))
      assert.ok(uncovered, 'nothing lies over the list')

      const active = () => page.evaluate(() => {
        const id = document.activeElement.getAttribute('aria-activedescendant')
        const option = id && document.getElementById(id)
        return option && { text: option.innerText, selected: option.getAttribute('aria-selected') }
      })
      assert.equal(await active(), null)
      await page.keyboard.press('ArrowDown')
      const first = await active()
      assert.deepEqual(first, { text: 'Hund anmelden', selected: 'true' })
      await page.keyboard.press('ArrowUp') // back in the field
      assert.equal(await active(), null)
      await page.keyboard.press('ArrowUp') // and round to the last
      assert.notDeepEqual(await active(), first)
      await page.keyboard.press('Escape')
      assert.equal(await list.isVisible(), false)
      assert.equal(await field.inputValue(), 'hund an', 'Escape closes the list and keeps what was typed')
      await page.keyboard.press('ArrowDown') // opens it again, at the first
      await list.waitFor()
      await Promise.all([page.waitForURL((url) => url.pathname === SERVICE), page.keyboard.press('Enter')])

      // without a choice Enter searches, Tab leaves, and a word nobody knows suggests nothing
      await page.goto(portal.url(town, '/suche'))
      await page.getByRole('combobox').first().fill('qwertz')
      await page.getByRole('status').filter({ hasText: 'Keine Vorschläge' }).waitFor()
      assert.equal(await page.getByRole('listbox').count(), 0)
      await page.getByRole('combobox').first().fill('hund')
      await page.getByRole('listbox').waitFor()
      await page.keyboard.press('Tab')
      assert.equal(await page.getByRole('listbox').count(), 0)
      await page.getByRole('combobox').first().press('Enter')
      await page.waitForURL((url) => url.pathname === '/suche' && url.search === '?q=hund')
      assert.deepEqual(heard, [])
    })

    test('suggestions can be tapped, in English and in the dark', async (t) => {
      const page = await visitor(t, { viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme: 'dark' })
      await page.goto(portal.url(town, localised('en', '/faq')))
      await page.locator('button[popovertarget=menu]').first().tap()
      await page.getByRole('combobox').fill('dog')
      await page.getByRole('option').first().waitFor()
      assert.deepEqual(await sideways(page), [])
      await Promise.all([page.waitForURL((url) => url.pathname.startsWith('/en/dienstleistungen/')), page.getByRole('option').first().tap()])
    })

    test('the language switch stays on the page', async (t) => {
      const page = await visitor(t)
      await page.goto(portal.url(town, SERVICE))
      for (const [label, locale, lang] of [['English', 'en', 'en'], ['Leichte Sprache', 'ls', 'de'], ['Deutsch', 'de', 'de']]) {
        const path = localised(locale, SERVICE)
        const link = page.locator(`header a[href$="${path}"]`).filter({ hasText: label })
        await Promise.all([page.waitForURL((url) => url.pathname === path), link.first().click()])
        assert.equal(await page.evaluate(() => document.documentElement.lang), lang)
      }
    })

    test('it all works without scripts', async (t) => {
      const page = await visitor(t, { javaScriptEnabled: false, viewport: { width: 390, height: 844 } })
      const heard = complaints(page)
      await page.goto(portal.url(town))
      await page.locator('main form[action$="/suche"] input[name=q]').fill('hund')
      await page.locator('main form[action$="/suche"] button').first().click()
      assert.equal(pathOf(page), '/suche')
      await page.locator(`main a[href$="${SERVICE}"]`).first().click()
      assert.equal(pathOf(page), SERVICE)
      await page.goto(portal.url(town, '/dienstleistungen'))
      await page.locator(`main a[href$="${SERVICE}"]`).first().click()
      assert.equal(pathOf(page), SERVICE)
      assert.deepEqual(heard, [])
    })

    test('an unknown page helps onward in the face of the town', async (t) => {
      const page = await visitor(t)
      const response = await page.goto(portal.url(town, '/gibtsnicht'))
      assert.equal(response.status(), 404)
      assert.ok((await page.title()).includes(NAMES[town]))
      assert.ok(await shown(page, 'form[action$="/suche"]'), 'there is a search')
      assert.ok(await shown(page, 'main a[href$="/dienstleistungen"]'), 'there is a way to the services')
      assert.ok(await shown(page, 'a[href$="/kontakt"]'), 'there is a contact')
    })

    test('paper gets the content and nothing to click', async (t) => {
      const page = await visitor(t, { colorScheme: 'dark' })
      await page.goto(portal.url(town, SERVICE))
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
      assert.ok(await shown(page, 'main h1'))
      for (const gone of ['header nav', 'form[action$="/suche"]']) {
        const visible = await page.locator(gone).evaluateAll((all) => all.filter((one) => one.checkVisibility()).length)
        assert.equal(visible, 0, `${gone} does not print`)
      }
      const [ink, paper] = await page.evaluate(() => {
        const style = getComputedStyle(document.body)
        return [style.color, style.backgroundColor]
      })
      assert.ok(/^(rgba\(0, 0, 0, 0\)|rgb\(255, 255, 255\))$/.test(paper), `the paper stays white, not ${paper}`)
      assert.ok(brightness(ink) < 100, `the ink is dark, not ${ink}`)
      const pdf = await page.pdf({ format: 'A4' })
      assert.ok(pdf.length > 5_000)
    })

    test('a page is small and asks nobody else', async (t) => {
      const page = await visitor(t)
      const hosts = new Set()
      page.on('request', (request) => hosts.add(new URL(request.url()).host))
      await page.goto(portal.url(town))
      assert.deepEqual([...hosts], [portal.host(town)])
      const bytes = await page.evaluate(() =>
        performance.getEntries().reduce((sum, entry) => sum + (entry.transferSize ?? 0), 0))
      assert.ok(bytes < 120_000, `${bytes} bytes for the start page with all it needs`)
      assert.deepEqual(await page.context().cookies(), [], 'nobody who only reads gets a cookie')
    })
  })
}

function brightness(color) {
  const [r, g, b] = color.match(/[\d.]+/g).map(Number)
  return (r * 299 + g * 587 + b * 114) / 1000
}
