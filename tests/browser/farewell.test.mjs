// Leaving, in a real browser: who has seen my data, everything to take along, and the account deleted.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { launch } from './chromium.mjs'
import { chooses, go, LOOKS, pathOf, visitor as visits } from './people.mjs'
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

const visitor = (t, town, look) => visits(t, browser, { folder: 'farewell', town, look })

async function logsIn(page, town, person) {
  await page.goto(portal.url(town, '/anmelden/probe'))
  await chooses(page, person, 'basis')
  await go(page, '/meine-daten', page.locator('form button[type=submit]').last().click())
}

for (const town of TOWNS) {
  for (const look of LOOKS) {
    describe(`${town} ${look.viewport.width}`, () => {
      test('a person looks who has seen their data, takes it along and deletes the account', async (t) => {
        const { page, looks } = await visitor(t, town, look)
        await logsIn(page, town, 'kim')
        await looks('meine-daten')
        await go(page, '/meine-daten/einsicht', page.locator('main a[href$="/meine-daten/einsicht"]').click())
        assert.match(await page.locator('main').innerText(), /Sie: Angemeldet/)
        await looks('einsicht')
        await page.goto(portal.url(town, '/meine-daten/export'))
        await looks('export')
        const [file] = await Promise.all([
          page.waitForEvent('download'),
          page.locator('main form button[type=submit]').click(),
        ])
        assert.match(file.suggestedFilename(), /^meine-daten-.*\.zip$/)

        await page.goto(portal.url(town, '/meine-daten/loeschen'))
        await looks('loeschen')
        await page.locator('button[value=leave]').click()
        await page.waitForLoadState()
        await looks('loeschen-ohne-haken')
        await page.locator('label[for=f-confirm]').click()
        await page.locator('button[value=leave]').click()
        await page.waitForLoadState()
        assert.equal(await page.locator('h1').innerText(), 'Ihr Konto ist gelöscht')
        await looks('geloescht')
        await page.goto(portal.url(town, '/meine-daten'))
        assert.equal(pathOf(page), '/anmelden')
      })

      test('a guest is told what there is not', async (t) => {
        const { page, looks } = await visitor(t, town, look)
        await logsIn(page, town, 'gast')
        for (const name of ['einsicht', 'export', 'loeschen']) {
          await page.goto(portal.url(town, `/meine-daten/${name}`))
          assert.match(await page.locator('main').innerText(), /als Gast hier/)
          await looks(`gast-${name}`)
        }
      })
    })
  }
}
