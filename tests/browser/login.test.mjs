// Logging in, in a real browser: as a citizen by the simulator, higher, out again – and as a clerk with an app.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { launch } from './chromium.mjs'
import { chooses, codeOnPage, go, LOOKS, newClerk, pathOf, visitor as visits } from './people.mjs'
import { Portal, TOWNS } from './portal.mjs'

let portal, browser

before(async () => {
  portal = await Portal.start()
  browser = await launch()
})

after(async () => {
  await browser?.close()
  await portal?.stop()
})

const visitor = (t, town, look) => visits(t, browser, { folder: 'login', town, look })

for (const [index, town] of TOWNS.entries()) {
  describe(town, () => {
    test('a citizen logs in from a service, comes back, proves more, and leaves', async (t) => {
      const { page, looks } = await visitor(t, town, LOOKS[index])
      const service = '/dienstleistungen/hund-anmelden'
      await page.goto(portal.url(town, `/anmelden?zurueck=${service}`))
      await looks('anmelden')
      await go(page, '/anmelden/probe', page.locator('a[href*="/anmelden/probe"]').first().click())
      await looks('probe')
      await chooses(page, 'erika', 'basis')
      await go(page, service, page.locator('form button[type=submit]').last().click())
      assert.match(await page.getByRole('banner').innerText(), /EM|Erika/)

      await page.goto(portal.url(town, '/meine-daten'))
      await looks('meine-daten-basis')
      await page.goto(portal.url(town, '/anmelden/probe?niveau=hoch'))
      await chooses(page, 'erika', 'hoch')
      await go(page, '/meine-daten', page.locator('form button[type=submit]').last().click())
      assert.match(await page.locator('main').innerText(), /Ausweis/)
      await looks('meine-daten-hoch')

      await page.goto(portal.url(town, '/meine-daten/sitzungen'))
      await looks('sitzungen')
      await page.goto(portal.url(town, '/abmelden'))
      await looks('abmelden')
      await page.locator('main form button[type=submit]').click()
      await page.waitForLoadState()
      await looks('abgemeldet')
      await page.goto(portal.url(town, '/meine-daten'))
      assert.equal(pathOf(page), '/anmelden')
    })

    test('a login on one device is ended from another', async (t) => {
      const phone = await visitor(t, town, LOOKS[1])
      const desk = await visitor(t, town, LOOKS[0])
      for (const { page } of [phone, desk]) {
        await page.goto(portal.url(town, '/anmelden/probe'))
        await chooses(page, 'kim', 'basis')
        await go(page, '/meine-daten', page.locator('form button[type=submit]').last().click())
      }
      await desk.page.goto(portal.url(town, '/meine-daten/sitzungen'))
      await desk.looks('sitzungen-zwei')
      await desk.page.locator('button[name=end][value=others]').click()
      await desk.page.waitForLoadState()
      await desk.looks('sitzungen-beendet')
      await phone.page.goto(portal.url(town, '/meine-daten'))
      assert.equal(pathOf(phone.page), '/anmelden')
    })

    test('a clerk sets an app up and reaches the desk', async (t) => {
      const { page, looks } = await visitor(t, town, LOOKS[1 - index])
      const login = `p.muster.${town}`
      const password = newClerk(portal, town, login, { name: 'Petra Muster' })
      await page.goto(portal.url(town, '/verwaltung'))
      assert.equal(pathOf(page), '/verwaltung/anmelden')
      await looks('verwaltung-anmelden')
      await page.locator('input[name=name]').fill(login)
      await page.locator('input[name=password]').fill('falsch')
      await page.locator('form button[type=submit]').last().click()
      await page.waitForLoadState()
      await looks('verwaltung-falsch')
      await page.locator('input[name=name]').fill(login)
      await page.locator('input[name=password]').fill(password)
      await go(page, '/verwaltung/anmelden/code', page.locator('form button[type=submit]').last().click())
      await looks('verwaltung-einrichten')
      await page.locator('input[name=code]').fill(await codeOnPage(portal, page))
      await go(page, '/verwaltung/passwort', page.locator('main form button[type=submit]').click())
      await looks('verwaltung-passwort')
      await page.locator('input[name=password]').fill(password)
      for (const field of ['new', 'again']) await page.locator(`input[name=${field}]`).fill('kurz')
      await page.locator('main form button[type=submit]').click()
      await page.waitForLoadState()
      await looks('verwaltung-passwort-falsch')
      await page.locator('input[name=password]').fill(password)
      for (const field of ['new', 'again']) await page.locator(`input[name=${field}]`).fill('vier Otter gähnen leise')
      await go(page, '/verwaltung', page.locator('main form button[type=submit]').click())
      assert.match(await page.locator('body').innerText(), /Petra Muster/)
      await looks('verwaltung')
    })
  })
}
