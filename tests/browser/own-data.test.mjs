// One's own data in a real browser: how somebody is reached, and what lay in an account whose provider goes. The day is in
// Löhne's change of provider; the old accounts still exist.
import assert from 'node:assert/strict'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { launch } from './chromium.mjs'
import { mailLink } from './mails.mjs'
import { chooses, go, LOOKS, visitor as visits } from './people.mjs'
import { Portal } from './portal.mjs'

const TOWN = 'loehne'
const REFUSED = /\/meine-daten\/(aendern|e-mail\/|einspruch\/|altes-konto)/

let portal, browser

before(async () => {
  // one person writes a few mails an hour, this test writes those of two at once
  const settings = join(await mkdtemp(join(tmpdir(), 'portal-settings-')), 'portal.yaml')
  await writeFile(settings, 'limits: {rates: {mail: off}}\n')
  portal = await Portal.start(['--specimens', '--config', settings], '2024-06-17T09:00')
  browser = await launch()
})

after(async () => {
  await browser?.close()
  await portal?.stop()
})

const visitor = (t, look) => visits(t, browser, { folder: 'own-data', town: TOWN, look, expected: (url) => REFUSED.test(url) })
const sends = (page) => page.locator('main form button[type=submit]').last().click()

async function logsIn(page, provider, person, level) {
  await page.goto(portal.url(TOWN, `/anmelden/${provider}?zurueck=/meine-daten&niveau=${level}`))
  await chooses(page, person, level)
  await go(page, '/meine-daten', page.locator('form button[type=submit]').last().click())
}

describe(TOWN, () => {
  for (const [index, person] of ['erika', 'ali'].entries()) {
    test(`${person} takes the old account over, and changes how they are reached`, async (t) => {
      const { page, looks } = await visitor(t, LOOKS[index])
      const known = new Set()
      await logsIn(page, 'servicekonto-nrw', person, 'basis')
      await page.goto(portal.url(TOWN, '/abmelden'))
      await sends(page)
      await page.waitForLoadState()

      await logsIn(page, 'bundid', person, 'basis')
      assert.match(await page.locator('main').innerText(), /Sie hatten ein Konto bei Servicekonto\.NRW\?/)
      await looks('meine-daten-umzug')
      await go(page, '/meine-daten/altes-konto', page.locator('main a[href$="/altes-konto"]').click())
      await looks('altes-konto')
      await page.locator('#f-email').fill('keine')
      await sends(page)
      await page.waitForLoadState()
      await looks('altes-konto-falsch')
      await page.locator('#f-email').fill(`${person}@example.org`)
      await sends(page)
      await page.waitForURL(/gesendet=1/)
      await looks('altes-konto-gesendet')
      await page.goto(await mailLink(portal, TOWN, `${person}@example.org`, '/meine-daten/altes-konto/', known))
      await looks('uebernehmen')
      await sends(page)
      await page.waitForLoadState()
      assert.match(await page.locator('h1').innerText(), /Ihre Daten sind da/)
      await looks('uebernommen')
      await page.goto(page.url())
      await sends(page)
      await page.waitForLoadState()
      await looks('abgelehnt')

      await page.goto(portal.url(TOWN, '/meine-daten/aendern'))
      await looks('aendern')
      await page.locator('#f-email').fill('neu@')
      await page.locator('#f-phone').fill('keine')
      await sends(page)
      await page.waitForLoadState()
      assert.equal(await page.locator('.complaint').count(), 2)
      await looks('aendern-falsch')
      await page.locator('#f-email').fill(`neu.${person}@example.com`)
      await page.locator('#f-phone').fill('05732 100-0')
      await go(page, '/meine-daten', sends(page))
      await looks('meine-daten-wartet')
      await page.goto(await mailLink(portal, TOWN, `neu.${person}@example.com`, '/meine-daten/e-mail/', known))
      await looks('bestaetigen')
      await go(page, '/meine-daten', sends(page))
      assert.match(await page.locator('main').innerText(), new RegExp(`neu\\.${person}@example\\.com`))
      await page.goto(await mailLink(portal, TOWN, `${person}@example.org`, '/meine-daten/einspruch/', known))
      await looks('einspruch')
      await sends(page)
      await page.waitForLoadState()
      await looks('einspruch-erledigt')
    })
  }
})
